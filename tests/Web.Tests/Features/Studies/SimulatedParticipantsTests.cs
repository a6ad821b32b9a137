using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Features.Studies.Rehearsals;
using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Tests.Features.Studies;

/// <summary>Simulated participants against the real program, over a real socket: everybody gets through, and nothing of it touches the study.</summary>
public sealed class SimulatedParticipantsTests : IAsyncLifetime
{
    private const int Prompts = 6;
    private const int Responses = 3;
    private const int Overlap = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly PersonalLlmApplication _application = new();

    public async Task InitializeAsync()
    {
        await _application.InitializeAsync();
        _application.UseKestrel(0);
        _application.StartServer();
    }

    Task IAsyncLifetime.DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    public static TheoryData<Instrument> Instruments => [.. Enum.GetValues<Instrument>()];

    [Theory]
    [MemberData(nameof(Instruments))]
    public async Task Everybody_GetsThroughEveryInstrument_AndTheDesignHolds(Instrument instrument)
    {
        var studyId = await StudyAsync(instrument);
        var run = await RunAsync(studyId, participants: 8);

        Assert.Null(run.Failure);
        Assert.Equal("", string.Join('\n', run.Visits.Where(visit => visit.Ending == VisitEnding.Trouble).Select(visit => visit.Words).Distinct()));
        Assert.Equal("", string.Join('\n', run.Findings.Where(finding => !finding.Holds).Select(finding => $"{finding.Claim}: {finding.Numbers}")));
        Assert.Equal(8, run.Visits.Count);
        Assert.Contains(run.Visits, visit => visit is { Ending: VisitEnding.Completed, CompletionCode: not null });
        Assert.True(run.Submitted > 0);
        Assert.Equal(0, run.Tastes.UnknownTexts);

        await using var data = _application.CreateContext();
        Assert.False(await data.Annotators.AnyAsync(row => row.StudyId == studyId));
        Assert.Equal(0, await data.StudyPrompts.Where(item => item.StudyId == studyId).SumAsync(item => item.Taken));
        Assert.True(await data.Judgements.Where(row => row.Assignment!.StudyId == run.RehearsalId).AllAsync(row => row.Assignment!.Annotator!.Kind == AnnotatorKind.Simulated));
    }

    [Fact]
    public async Task NextRun_TakesThePlaceOfTheLast_AndThrownAwayMeansGone()
    {
        var studyId = await StudyAsync(Instrument.Pairwise);
        var first = await RunAsync(studyId, participants: 2);
        var second = await RunAsync(studyId, participants: 2);

        await using var data = _application.CreateContext();
        Assert.Equal(second.RehearsalId, await data.Studies.Where(study => study.RehearsalOfId == studyId).Select(study => study.Id).SingleAsync());
        Assert.False(await data.Assignments.AnyAsync(row => row.StudyId == first.RehearsalId));

        var keeper = _application.Services.GetRequiredService<RehearsalKeeper>();
        await keeper.DeleteAsync(studyId);
        await keeper.DeleteAsync(second.RehearsalId);
        Assert.Equal(studyId, await data.Studies.Select(study => study.Id).SingleAsync());
        Assert.False(await data.Annotators.AnyAsync());
    }

    [Fact]
    public async Task Rehearsals_OlderThanADay_AreThrownAway()
    {
        var studyId = await StudyAsync(Instrument.FullRanking);
        var keeper = _application.Services.GetRequiredService<RehearsalKeeper>();
        var (old, fresh) = ((await keeper.MakeAsync(studyId, null)).Id, (await keeper.MakeAsync(studyId, null)).Id);
        await using var data = _application.CreateContext();
        var twoDaysAgo = DateTimeOffset.UtcNow.AddDays(-2);
        await data.Studies.Where(study => study.Id == old || study.Id == studyId).ExecuteUpdateAsync(set => set.SetProperty(study => study.CreatedAt, twoDaysAgo));

        await keeper.DeleteOldAsync();

        Assert.Equal(new[] { studyId, fresh!.Value }, await data.Studies.Select(study => study.Id).Order().ToListAsync());
    }

    [Fact]
    public void Pass_IsGoodForItsRehearsalOnly_AndNeverForARealStudy()
    {
        var passes = _application.Services.GetRequiredService<SimulatedPass>();
        var request = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
        request.Headers[SimulatedPass.Header] = passes.Issue(7, "simulated-1-1");

        Assert.Equal("simulated-1-1", passes.ParticipantId(request, studyId: 7, rehearsalOfId: 3));
        Assert.Null(passes.ParticipantId(request, studyId: 8, rehearsalOfId: 3));
        Assert.Null(passes.ParticipantId(request, studyId: 7, rehearsalOfId: null));
        request.Headers[SimulatedPass.Header] = "7 simulated-1-1";
        Assert.Null(passes.ParticipantId(request, studyId: 7, rehearsalOfId: 3));
    }

    private async Task<SimulatedRun> RunAsync(int studyId, int participants)
    {
        var simulation = _application.Services.GetRequiredService<SimulatedParticipants>();
        var (run, problems) = await simulation.StartAsync(studyId, participants, seed: 3, researcherId: null);
        Assert.Empty(problems);
        using var patience = new CancellationTokenSource(s_patience);
        while (run!.IsRunning)
            await Task.Delay(20, patience.Token);
        return run;
    }

    /// <summary>A platform study with everything in it: consent, questions before and after, practice, repeats, a check.</summary>
    private async Task<int> StudyAsync(Instrument instrument)
    {
        await using var data = _application.CreateContext();
        var unique = Guid.NewGuid().ToString("n")[..10];
        var shown = instrument == Instrument.Pairwise ? 2 : Responses;
        var model = new ResponseModel { Name = unique };
        var dataset = new Dataset { Name = unique, ContentHash = unique, PromptCount = Prompts, ResponseCount = Prompts * shown };
        for (var promptIndex = 0; promptIndex < Prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = $"Question {promptIndex}?" };
            for (var index = 0; index < shown; index++)
                prompt.Responses.Add(new() { Index = index, DatasetIndex = (promptIndex * shown) + index, ResponseModel = model, Text = $"Response **{index}** to question {promptIndex}, with `code` and a [link](https://example.org)." });
            dataset.Prompts.Add(prompt);
        }
        var study = new Study
        {
            Code = unique, Name = "Rehearsed", Dataset = dataset, Status = StudyStatus.Open, Version = 1, Overlap = Overlap, Seed = 6, HasPractice = true, Access = StudyAccess.Platform,
            Instrument = new() { Kind = instrument, TopK = 2, AsksComment = true, AsksConfidence = true, Reasons = ["Clear", "Kind"] },
            Assignment = new() { PromptsPerAnnotator = 4, Repeats = 1, RepeatLag = 3 },
            AttentionChecks = [new("Put the last one first.", [.. Enumerable.Range(0, shown).Select(index => $"This is choice {index}.")], shown - 1)],
            Survey =
            [
                new("age", "How old are you?", SurveyQuestionKind.Number, []), new("tongue", "Which languages do you speak?", SurveyQuestionKind.Choices, ["English", "German"]),
                new("often", "How often do you use chat models?", SurveyQuestionKind.Scale, ["never", "sometimes", "often"]), new("more", "Anything else?", SurveyQuestionKind.Text, [], IsAfter: true),
            ],
            CreatedAt = DateTimeOffset.UtcNow,
        };
        study.ConsentTexts.Add(new() { Version = 1, Text = "You may stop at any time." });
        study.Prompts.AddRange(dataset.Prompts.Select((prompt, index) => new StudyPrompt { Prompt = prompt, Index = index }));
        data.Studies.Add(study);
        await data.SaveChangesAsync();
        return study.Id;
    }
}
