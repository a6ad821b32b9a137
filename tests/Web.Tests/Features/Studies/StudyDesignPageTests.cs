using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Studies;
using PersonalLlm.Web.Features.Studies.Design;

namespace PersonalLlm.Web.Tests.Features.Studies;

public sealed class StudyDesignPageTests : BunitContext
{
    private readonly StudyDesign _design = new() { Name = "Taste", DatasetId = 1 };
    private int _changes;

    public StudyDesignPageTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    private DesignEditor Editor => new(_design, () =>
    {
        _changes++;
        return Task.CompletedTask;
    });

    [Fact]
    public void ChoosingPairs_ShowsTwoResponses_AndGoingBackShowsAll()
    {
        var section = Render<DesignInstrument>(parameters => parameters.Add(own => own.Editor, Editor));
        section.Find("input[value=Pairwise]").Change(true);
        Assert.Equal((Instrument.Pairwise, 2), (_design.Instrument.Kind, _design.Assignment.ResponsesPerPrompt));
        Assert.NotEmpty(section.FindAll("#strengths"));
        Assert.Equal(StudyTemplates.InstructionsOf(Instrument.Pairwise), _design.Instructions);
        _design.Instructions = "Words of my own";
        section.Find("input[value=Likert]").Change(true);
        section.Render();
        Assert.Equal((Instrument.Likert, null), (_design.Instrument.Kind, _design.Assignment.ResponsesPerPrompt));
        Assert.Empty(section.FindAll("#ties"));
        Assert.Equal("Words of my own", _design.Instructions);
    }

    [Fact]
    public void APopulationIsChosenToCompareWith_AndLetGoAgain()
    {
        DesignPopulation.CohortRow row = new(7, "Predicted", new Engine.Population.PopulationSpec(["kind"], 0.05, 1200, 0));
        var section = Render<DesignPopulation>(parameters => parameters.Add(own => own.Editor, Editor).Add(own => own.Cohorts, [row]));
        Assert.Contains("Predicted (α = 0.05, 1,200 users)", section.Markup);
        section.Find("#cohort").Change("7");
        Assert.Equal(7, _design.CohortId);
        section.Find("#cohort").Change("");
        Assert.Null(_design.CohortId);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void RemovingAResponse_KeepsTheOneThatMustComeFirst()
    {
        _design.AttentionChecks.Add(new("Read", ["a", "b", "first"], ExpectedIndex: 2));
        var section = Render<DesignChecks>(parameters => parameters.Add(own => own.Editor, Editor));
        section.Find("button[aria-label^='Remove response A']").Click();
        Assert.Equal(["b", "first"], _design.AttentionChecks[0].Responses);
        Assert.Equal(1, _design.AttentionChecks[0].ExpectedIndex);
        Assert.Empty(section.FindAll("button[aria-label^='Remove response']"));
    }

    [Fact]
    public void QuestionsMove_AndATemplateBringsOnlyWhatIsMissing()
    {
        _design.Survey.Add(new("age", "How old are you?", SurveyQuestionKind.Number, []));
        var section = Render<DesignSurvey>(parameters => parameters.Add(own => own.Editor, Editor));
        section.Find("#survey-template").Change("Demographics, short");
        Assert.Equal(4, _design.Survey.Count);
        Assert.Equal(SurveyQuestionKind.Number, _design.Survey.Single(question => question.Key == "age").Kind);
        section.Find("button[aria-label='Move question 1 down']").Click();
        Assert.Equal("age", _design.Survey[1].Key);
        section.FindAll("button").Single(button => button.TextContent == "Add a question").Click();
        section.FindAll("button").Single(button => button.TextContent == "Add a question").Click();
        Assert.Equal(6, _design.Survey.Select(question => question.Key).Distinct().Count());
    }

    [Fact]
    public void ANumberThatCannotBe_IsNotTaken_AndTheFieldSaysSo()
    {
        var section = Render<DesignSession>(parameters => parameters.Add(own => own.Editor, Editor));
        section.Find("#overlap").Change("0");
        Assert.Equal((3, 0), (_design.Overlap, _changes));
        Assert.Contains("1 to 1,000", section.Find("#overlap-about").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", section.Find("#overlap").GetAttribute("aria-invalid"));
        section.Find("#overlap").Change("7");
        Assert.Equal((7, 1), (_design.Overlap, _changes));
        section.Find("#per-annotator").Change("");
        Assert.Null(_design.Assignment.PromptsPerAnnotator);
    }

    [Fact]
    public void TheForecast_CountsJudgementsPeopleAndMinutes()
    {
        _design.Instructions = "";
        _design.HasPractice = false;
        _design.Overlap = 4;
        _design.Assignment = new() { PromptsPerAnnotator = 10, Repeats = 2 };
        // 238 words a minute of six characters: one minute of reading for each item, and half a minute to decide.
        var prompts = new PromptChoiceResult([.. Enumerable.Range(1, 20).Select(id => (long)id)])
        {
            FewestResponses = 4,
            MostResponses = 4,
            Responses = 4,
            PromptCharacters = 238 * 2,
            ResponseCharacters = 238,
        };
        var forecast = StudyForecast.Of(_design, prompts)!;
        Assert.Equal((80, 8, 12), (forecast.Judgements, forecast.People, forecast.ItemsPerPerson));
        Assert.Equal(18, forecast.PerPerson.TotalMinutes, 6);
        Assert.Equal(8 * 18 / 60.0 * 15, forecast.Cost(15), 6);
    }

    [Fact]
    public async Task AnUnfinishedDraft_IsSavedFromThePage_AndSaysAtTheFieldWhatIsMissing()
    {
        await using var scene = await DraftScene.CreateAsync();
        var page = RenderPage(scene, null);
        page.WaitForElement("#name").Change("A question of taste");
        page.Find("#consent").Change("Kept for [Say how long].");
        page.WaitForState(() => page.Find(".save-bar").TextContent.Contains("Not saved yet", StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-problem]"));
        page.Find(".save-bar .primary").Click();
        page.WaitForState(() => page.Find(".save-bar").TextContent.Contains("Saved ", StringComparison.Ordinal));
        Assert.Contains("gap to fill", page.Find("[data-problem=consent]").TextContent, StringComparison.Ordinal);
        await using var data = scene.Data();
        Assert.Equal("A question of taste", (await data.Studies.SingleAsync()).Name);
    }

    [Fact]
    public async Task ALockedDesign_HasNothingToEdit_ButItsHash_AndNamesItsFrozenUsers()
    {
        await using var scene = await DraftScene.CreateAsync();
        var cohort = new Data.Population.Cohort { Name = "Predicted", DatasetId = scene.DatasetId, Spec = new(["kind", "short"], 0.05, 1200, 0) };
        await using (var data = scene.Data())
        {
            data.Cohorts.Add(cohort);
            await data.SaveChangesAsync();
        }
        var studyId = await scene.SaveAsync(design => design.CohortId = cohort.Id);
        await scene.Launcher.OpenAsync(studyId);
        var page = RenderPage(scene, studyId);
        page.WaitForElement("[data-hash]");
        Assert.Empty(page.FindAll("input, textarea, select"));
        Assert.Equal((await scene.StudyAsync(studyId)).DesignHash, page.Find("[data-hash='1']").TextContent);
        Assert.Contains("“Predicted”: 1,200 simulated users", page.Markup);
    }

    private IRenderedComponent<StudyDesignPage> RenderPage(DraftScene scene, int? studyId)
    {
        this.AddAuthorization().SetAuthorized("researcher");
        Services.AddSingleton(scene.Contexts).AddSingleton(scene.Drafter).AddSingleton(scene.Launcher).AddSingleton(TimeProvider.System);
        return Render<StudyDesignPage>(parameters => parameters.Add(own => own.Id, studyId));
    }
}
