using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Live;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>What a researcher decides while a study runs: whose judgements count, and which items are given to somebody else.</summary>
internal sealed class StudySteward(IDbContextFactory<PersonalLlmDbContext> contexts, JudgementFeed feed)
{
    public const int LongestReason = 500;

    /// <summary>Leaves the annotator out of analyses; everything they did is kept.</summary>
    public Task ExcludeAsync(int studyId, Guid annotatorId, string reason) => SetReasonAsync(studyId, annotatorId, reason.Trim());

    public Task IncludeAsync(int studyId, Guid annotatorId) => SetReasonAsync(studyId, annotatorId, null);

    /// <summary>Gives an item in hand back to the study. Its annotator may go on with it while a place is left, and their draft is kept.</summary>
    public async Task ReturnAsync(int studyId, Guid assignmentId)
    {
        await using var data = await contexts.CreateDbContextAsync();
        await data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await data.Database.BeginTransactionAsync();
            // Asked in the update: it may have been submitted in this moment.
            var returned = await data.Assignments.Where(row => row.Id == assignmentId && row.StudyId == studyId && row.State == AssignmentState.Leased)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, AssignmentState.Expired));
            // Repeats and attention checks hold no place.
            if (returned == 1)
                await data.StudyPrompts
                    .Where(item => item.StudyId == studyId && data.Assignments.Any(row => row.Id == assignmentId && row.RepeatOfId == null && row.PromptId == item.PromptId))
                    .ExecuteUpdateAsync(set => set.SetProperty(item => item.Taken, item => item.Taken - 1));
            await transaction.CommitAsync();
        });
        feed.Publish(studyId);
    }

    private async Task SetReasonAsync(int studyId, Guid annotatorId, string? reason)
    {
        await using var data = await contexts.CreateDbContextAsync();
        await data.Annotators.Where(row => row.Id == annotatorId && row.StudyId == studyId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ExclusionReason, reason));
        feed.Publish(studyId);
    }
}
