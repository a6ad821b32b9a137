using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Testing;

/// <summary>A running study with people at every step of it: some careful, some not, one who always puts the first place first.</summary>
internal static class WatchedStudy
{
    public const int Responses = 4;
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <param name="context">Where it is written.</param>
    /// <param name="people">How many agreed; the last two have not judged anything yet, the third last withdrew.</param>
    /// <param name="prompts">How many each of the others judges; the first one a second time, and one attention check.</param>
    public static async Task<Study> CreateAsync(PersonalLlmDbContext context, int people = 9, int prompts = 6)
    {
        var random = new Random(11);
        var unique = Guid.NewGuid().ToString("n")[..10];
        var model = new ResponseModel { Name = $"{unique}-model" };
        var dataset = new Dataset { Name = unique, ContentHash = Guid.NewGuid().ToString("n"), PromptCount = prompts, ResponseCount = prompts * Responses };
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = $"How do I boil an egg of kind {promptIndex}, and how long does it take?" };
            for (var index = 0; index < Responses; index++)
                prompt.Responses.Add(new() { Index = index, DatasetIndex = (promptIndex * Responses) + index, ResponseModel = model, Text = string.Concat(Enumerable.Repeat("Start with cold water. ", 10 + index)) });
            dataset.Prompts.Add(prompt);
        }
        var study = new Study
        {
            Code = unique, Name = "Watched study", Dataset = dataset, Status = StudyStatus.Open, Overlap = people, Seed = 4, HasPractice = true, CreatedAt = Start,
            AttentionChecks = [new("Put the second one first.", ["one", "two", "three", "four"], 1)],
            Survey = [new("age", "How old are you?", SurveyQuestionKind.Number, [])],
        };
        study.ConsentTexts.Add(new() { Version = 1, Text = "You may stop at any time.", CreatedAt = Start });
        study.Prompts.AddRange(dataset.Prompts.Select((prompt, index) => new StudyPrompt { Prompt = prompt, Index = index }));
        context.Studies.Add(study);
        await context.SaveChangesAsync();

        for (var refusal = 0; refusal < 3; refusal++)
            context.Consents.Add(new() { StudyId = study.Id, Version = 1, IsGiven = false, AnsweredAt = Start });
        for (var number = 1; number <= people; number++)
        {
            var works = number <= people - 3;
            var hasWithdrawn = number == people - 2;
            var joined = Start.AddMinutes(number);
            var annotator = new Annotator
            {
                StudyId = study.Id, Number = number, ParticipantId = $"crowd-{unique}-{number}", JoinedAt = joined, ConsentVersion = 1, SurveyedAt = number == people ? null : joined,
                PracticedAt = works || hasWithdrawn ? joined : null, CompletedAt = works && number % 4 != 0 ? joined.AddMinutes(30) : null, WithdrawnAt = hasWithdrawn ? joined.AddHours(1) : null,
                ExclusionReason = number == 3 ? "Said so themselves" : null,
            };
            context.Annotators.Add(annotator);
            context.Consents.Add(new() { StudyId = study.Id, Version = 1, AnnotatorId = annotator.Id, IsGiven = true, AnsweredAt = joined });
            if (works)
                Work(context, study, annotator, random);
        }
        // Somebody whose judgements are not people's.
        var simulated = new Annotator { StudyId = study.Id, Kind = AnnotatorKind.Simulated, Number = people + 1, JoinedAt = Start };
        context.Annotators.Add(simulated);
        study.Prompts[0].Taken++;
        Judge(context, study, simulated, random, 0, study.Prompts[0], null);
        await context.SaveChangesAsync();
        return study;
    }

    private static void Work(PersonalLlmDbContext context, Study study, Annotator annotator, Random random)
    {
        Assignment? first = null;
        var slot = 0;
        foreach (var item in study.Prompts.OrderBy(item => item.Index))
        {
            if (annotator.CompletedAt is null && item.Index >= study.Prompts.Count - 2)
            {
                var isInHand = item.Index == study.Prompts.Count - 1;
                item.Taken += isInHand ? 1 : 0;
                Hand(context, study, annotator, random, slot++, item, null, isInHand ? AssignmentState.Leased : AssignmentState.Skipped);
                continue;
            }
            item.Taken++;
            var made = Judge(context, study, annotator, random, slot++, item, null);
            first ??= made;
        }
        Judge(context, study, annotator, random, slot++, null, null);
        Judge(context, study, annotator, random, slot, study.Prompts.Single(item => item.PromptId == first!.PromptId), first!.Id);
    }

    private static Assignment Hand(
        PersonalLlmDbContext context, Study study, Annotator annotator, Random random, int slot, StudyPrompt? item, Guid? repeatOf, AssignmentState state)
    {
        var order = Enumerable.Range(0, Responses).ToArray();
        random.Shuffle(order);
        var assignment = new Assignment
        {
            StudyId = study.Id, PromptId = item?.PromptId, CheckIndex = item is null ? 0 : null, RepeatOfId = repeatOf, Slot = slot, AnnotatorId = annotator.Id,
            PresentedOrder = order, State = state, LeasedAt = annotator.JoinedAt.AddMinutes(slot), LeasedUntil = annotator.JoinedAt.AddMinutes(slot + 30),
            SkipReason = state == AssignmentState.Skipped ? "I do not know the subject" : null,
        };
        context.Add(assignment);
        return assignment;
    }

    private static Assignment Judge(PersonalLlmDbContext context, Study study, Annotator annotator, Random random, int slot, StudyPrompt? item, Guid? repeatOf)
    {
        var assignment = Hand(context, study, annotator, random, slot, item, repeatOf, AssignmentState.Submitted);
        // Number 1 always puts the first place first, number 2 is faster than anybody reads, number 4 sees only half of it and fails the check.
        var bestFirst = annotator.Number == 1 ? assignment.PresentedOrder
            : item is null ? annotator.Number == 4 ? [0, 1, 2, 3] : [1, 0, 2, 3]
            : [.. Enumerable.Range(0, Responses).OrderBy(index => index + random.Next(3))];
        var submitted = annotator.JoinedAt.AddMinutes(slot + 1);
        var activeMs = annotator.Number == 2 ? 900 : 20_000 + random.Next(60_000);
        context.Add(new Judgement
        {
            Id = Guid.NewGuid(),
            Assignment = assignment,
            Answer = new()
            {
                Ranking = random.Next(5) == 0 && annotator.Number != 1 ? Ranking.Of([[bestFirst[0], bestFirst[1]], [bestFirst[2]], [bestFirst[3]]]) : Ranking.Strict(bestFirst),
                Comment = random.Next(6) == 0 ? "The second one is shorter, which I like." : null,
                AllBad = random.Next(12) == 0,
            },
            Timing = new()
            {
                ActiveMs = activeMs, IdleMs = random.Next(20_000), ExposureMs = annotator.Number == 4 ? [900, 800, 0, 0] : [900, 800, 700, 600],
                Touched = [true, true, true, true], Input = "tap", Viewport = "390x844",
            },
            StartedAt = submitted.AddMilliseconds(-activeMs),
            SubmittedAt = submitted,
        });
        return assignment;
    }
}
