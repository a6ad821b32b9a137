using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Writes down which steps before and after the ranking a participant has taken. Taking one twice is harmless.</summary>
internal sealed class StepKeeper(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock)
{
    /// <summary>Keeps finished answers; those that were given first stay.</summary>
    public async Task KeepAnswersAsync(Guid annotatorId, SurveyForm form, bool after, CancellationToken cancellation = default)
    {
        var now = clock.GetUtcNow();
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellation);
            var annotator = data.Annotators.Where(row => row.Id == annotatorId && row.WithdrawnAt == null);
            var isFirst = after
                ? await annotator.Where(row => row.ClosingSurveyAt == null).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosingSurveyAt, now), cancellation)
                : await annotator.Where(row => row.SurveyedAt == null).ExecuteUpdateAsync(set => set.SetProperty(row => row.SurveyedAt, now), cancellation);
            if (isFirst == 0)
                return;
            data.SurveyAnswers.AddRange(form.Questions.Select(question => new SurveyAnswer
            {
                AnnotatorId = annotatorId,
                QuestionKey = question.Key,
                Values = form.ValuesOf(question),
                AnsweredAt = now,
            }));
            await data.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        });
    }

    public async Task KeepPracticeAsync(string studyCode, Visitor visitor, CancellationToken cancellation = default)
    {
        var now = clock.GetUtcNow();
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Annotators.Of(visitor).Where(row => row.Study!.Code == studyCode && row.PracticedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.PracticedAt, now), cancellation);
    }
}
