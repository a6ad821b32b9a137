using System.Buffers.Binary;
using PersonalLlm.Data;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Testing;

/// <summary>A scored data set, a population over it, and a study of some of its prompts that people have judged.</summary>
internal sealed record JudgedStudy(int StudyId, int DatasetId, int CohortId)
{
    public const int Responses = 5;

    /// <param name="context">Where it is written.</param>
    /// <param name="people">How many judge; each prompt is judged by three of them, and one prompt by a single person.</param>
    /// <param name="seed">Of rewards and rankings.</param>
    public static async Task<JudgedStudy> CreateAsync(PersonalLlmDbContext context, int people = 7, int seed = 1)
    {
        const int Prompts = 14;
        var random = new Random(seed);
        var unique = Guid.NewGuid().ToString("n")[..10];
        var models = Enumerable.Range(0, Responses).Select(index => new ResponseModel { Name = $"{unique}-model-{index}" }).ToArray();
        var dataset = new Dataset { Name = unique, ContentHash = Guid.NewGuid().ToString("n"), PromptCount = Prompts, ResponseCount = Prompts * Responses };
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = $"Prompt {promptIndex}", Subset = promptIndex % 2 == 0 ? "even" : "odd" };
            for (var index = 0; index < Responses; index++)
                prompt.Responses.Add(new() { Index = index, DatasetIndex = (promptIndex * Responses) + index, ResponseModel = models[(index + promptIndex) % Responses], Text = $"Response {index}" });
            dataset.Prompts.Add(prompt);
        }
        var rewardModels = Enumerable.Range(0, 4).Select(index => new RewardModel { Name = $"{unique}-reward-{index}" }).ToArray();
        foreach (var rewardModel in rewardModels)
        {
            var values = new byte[Prompts * Responses * sizeof(float)];
            for (var place = 0; place < values.Length; place += sizeof(float))
                BinaryPrimitives.WriteSingleLittleEndian(values.AsSpan(place), (float)((random.NextDouble() * 4) + 1));
            context.DatasetRewards.Add(new() { Dataset = dataset, RewardModel = rewardModel, Mean = 3, StandardDeviation = 1.2, Chunks = { new() { Values = values } } });
        }
        var cohort = new Cohort { Name = "Test population", Dataset = dataset, Spec = new PopulationSpec([.. rewardModels.Select(model => model.Name)], 0.2, 120, 3) };
        // The study has its own order, and not all prompts.
        var study = new Study { Code = unique, Name = "Judged study", Dataset = dataset, Status = StudyStatus.Open, Overlap = 3 };
        study.Prompts.AddRange(dataset.Prompts.Skip(2).Reverse().Select((prompt, index) => new StudyPrompt { Prompt = prompt, Index = index }));
        context.AddRange(cohort, study);
        await context.SaveChangesAsync();

        var annotators = Enumerable.Range(0, people).Select(index => new Annotator { StudyId = study.Id, Kind = AnnotatorKind.Human, Number = index + 1 }).ToArray();
        // Somebody whose judgements are not people's.
        var simulated = new Annotator { StudyId = study.Id, Kind = AnnotatorKind.Simulated, Number = people + 1 };
        context.Annotators.AddRange([.. annotators, simulated]);
        var turn = 0;
        foreach (var item in people == 0 ? [] : study.Prompts)
        {
            for (var place = 0; place < (item.Index == 0 ? 1 : 3); place++)
                Judge(context, study.Id, item.PromptId, annotators[turn++ % people], random);
            Judge(context, study.Id, item.PromptId, simulated, random);
        }
        await context.SaveChangesAsync();
        return new(study.Id, dataset.Id, cohort.Id);
    }

    private static void Judge(PersonalLlmDbContext context, int studyId, long promptId, Annotator annotator, Random random)
    {
        var assignment = new Assignment
        {
            StudyId = studyId, PromptId = promptId, AnnotatorId = annotator.Id, PresentedOrder = [.. Enumerable.Range(0, Responses)], State = AssignmentState.Submitted,
        };
        var levels = random.Next(2, Responses + 1);
        var ranking = Ranking.Of(Enumerable.Range(0, Responses).GroupBy(_ => random.Next(levels)).OrderBy(tier => tier.Key).Select(tier => tier.AsEnumerable()));
        context.Add(assignment);
        context.Add(new Judgement { Id = Guid.NewGuid(), Assignment = assignment, Answer = new() { Ranking = ranking } });
    }
}
