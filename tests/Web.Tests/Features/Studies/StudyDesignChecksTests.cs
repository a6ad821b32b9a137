using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Studies;

namespace PersonalLlm.Web.Tests.Features.Studies;

public sealed class StudyDesignChecksTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly PromptChoiceResult s_prompts = new([.. Enumerable.Range(1, 20).Select(id => (long)id)]) { FewestResponses = 4, MostResponses = 6, Responses = 5 };

    [Fact]
    public void APlainDesign_HasNoProblem() => Assert.Empty(Problems(_ => { }));

    [Fact]
    public void EveryTemplate_NeedsNoMoreThanItsGapsFilled() =>
        Assert.All(StudyTemplates.Designs, template => Assert.All(Problems(template.Fill), problem => Assert.Equal("consent", problem.Field)));

    public static TheoryData<string, Action<StudyDesign>> Mistakes => new()
    {
        { "name", design => design.Name = " " },
        { "name", design => design.Name = new('x', 201) },
        { "dataset", design => design.DatasetId = 0 },
        { "size", design => design.Selection = new(PromptChoice.Sample, SampleSize: 0) },
        { "words", design => design.Selection = new(PromptChoice.Filter, Words: " ") },
        { "instrument", design => design.Instrument = new() { Kind = Instrument.Pairwise } },
        { "instrument", design => (design.Instrument, design.Assignment) = (new() { Kind = Instrument.BestWorst }, new() { ResponsesPerPrompt = 2 }) },
        { "instrument", design => design.Instrument = new() { Kind = Instrument.TopK, TopK = 6 } },
        { "shown", design => design.Assignment = new() { ResponsesPerPrompt = 1 } },
        { "overlap", design => design.Overlap = 0 },
        { "per-annotator", design => design.Assignment = new() { PromptsPerAnnotator = 0 } },
        { "repeats", design => design.Assignment = new() { Repeats = 21 } },
        { "repeats", design => design.Assignment = new() { PromptsPerAnnotator = 5, Repeats = 1 } },
        { "check-0", design => design.AttentionChecks = [new("Read me", ["first", ""], 0)] },
        { "check-0", design => design.AttentionChecks = [new("Read me", ["first", "second"], 2)] },
        { "check-0", design => (design.Instrument, design.AttentionChecks) = (new() { Kind = Instrument.BestWorst }, [new("Read me", ["first", "second"], 0)]) },
        { "participant-parameter", design => (design.Access, design.Platform) = (StudyAccess.Platform, new() { StudyParameter = "STUDY ID" }) },
        { "participant-parameter", design => (design.Access, design.Platform) = (StudyAccess.Platform, new() { StudyParameter = "session_id" }) },
        { "return-address", design => (design.Access, design.Platform) = (StudyAccess.Platform, new() { ReturnAddress = "http://example.org" }) },
        { "return-address", design => (design.Access, design.Platform) = (StudyAccess.Platform, new() { ReturnAddress = "https://{participant}.example.org" }) },
        { "consent", design => design.ConsentText = StudyTemplates.Consent },
        { "question-0", design => design.Survey = [new("age", "How old?", SurveyQuestionKind.Choice, ["18+"])] },
        { "question-0", design => design.Survey = [new("Age!", "How old?", SurveyQuestionKind.Number, [])] },
        { "question-1", design => design.Survey = [new("age", "How old?", SurveyQuestionKind.Number, []), new("age", "Really?", SurveyQuestionKind.Text, [])] },
        { "closes", design => design.ClosesAt = s_now },
        { "closes", design => (design.OpensAt, design.ClosesAt) = (s_now.AddDays(2), s_now.AddDays(1)) },
        { "quota", design => design.Quota = 0 },
        { "withdrawal", design => design.WithdrawalDays = -1 },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void AMistake_IsToldAtItsField(string field, Action<StudyDesign> mistake) => Assert.Equal(field, Assert.Single(Problems(mistake)).Field);

    [Fact]
    public void MoreResponsesThanPeopleKeepApart_AreToldToBeFewer() =>
        Assert.Equal("shown", Assert.Single(StudyDesignChecks.Problems(Plain(), s_prompts with { MostResponses = 9 }, s_now)).Field);

    [Fact]
    public void AnAccountStudy_IsNotHeldToThePlatformsLink() =>
        Assert.Empty(Problems(design => design.Platform = new() { ParticipantParameter = "?", ReturnAddress = "nowhere" }));

    private static StudyDesign Plain() => new() { Name = "Taste", DatasetId = 1 };

    private static IReadOnlyList<DesignProblem> Problems(Action<StudyDesign> change)
    {
        var design = Plain();
        change(design);
        return StudyDesignChecks.Problems(design, s_prompts, s_now);
    }
}
