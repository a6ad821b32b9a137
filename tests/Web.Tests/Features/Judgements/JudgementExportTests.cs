using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Web.Features.Judgements;
using Xunit.Abstractions;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class JudgementExportTests(PersonalLlmApplication application, ITestOutputHelper output) : IClassFixture<PersonalLlmApplication>
{
    [Fact]
    public async Task Export_HoldsEveryJudgementOnce_WithPseudonymsOnly()
    {
        await using var data = application.CreateContext();
        var (study, people) = await StudyScene.SeedAsync(data, "exported", prompts: 3, responses: 3, overlap: 2, people: 2);
        foreach (var person in people)
        {
            while (await application.Services.GetRequiredService<AssignmentLeaser>().NextAsync("exported", new(person)) is LeaseOutcome.Leased leased)
                await application.Services.GetRequiredService<JudgementRecorder>().SubmitAsync(
                    new(new(person), leased.AssignmentId, Guid.CreateVersion7(), new() { Ranking = Ranking.Parse("B,A=C") }));
        }

        var (text, lines) = await ReadAsync($"/studies/{study.Id}/judgements.jsonl");
        var stored = await data.Judgements.Include(row => row.Assignment).Where(row => row.Assignment!.StudyId == study.Id).ToDictionaryAsync(row => row.Id);
        Assert.Equal(6, lines.Count);
        Assert.Equal(stored.Keys.Order(), lines.Select(line => line.GetProperty("judgement_id").GetGuid()).Order());
        foreach (var line in lines)
        {
            var judgement = stored[line.GetProperty("judgement_id").GetGuid()];
            Assert.Equal(judgement.Answer.Ranking.ToString(), line.GetProperty("ranking").GetString());
            Assert.Equal(judgement.Assignment!.AnnotatorId, line.GetProperty("annotator_id").GetGuid());
            Assert.EndsWith("Z", line.GetProperty("submitted_at").GetString(), StringComparison.Ordinal);
            foreach (var response in line.GetProperty("responses").EnumerateArray())
            {
                var responseIndex = response.GetProperty("response_id").GetString()![0] - 'A';
                Assert.Equal(judgement.Answer.Ranking.RankOf(responseIndex), response.GetProperty("rank").GetInt32());
                Assert.Equal(responseIndex, judgement.Assignment.PresentedOrder[response.GetProperty("presented_position").GetInt32()]);
            }
        }
        Assert.All(people, person => Assert.DoesNotContain(person.ToString(), text, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("exported-", text, StringComparison.Ordinal);
    }

    public static TheoryData<InstrumentSpec, int, string[]> Instruments => new()
    {
        { new(), 4, ["Rank=1&Rank=2&Rank=2&Rank=4", "Rank=1&Rank=1&Rank=1&Rank=1"] },
        { new() { Kind = Instrument.TopK, TopK = 2 }, 4, ["Rank=&Rank=1&Rank=2&Rank=", "Rank=1&Rank=1&Rank=&Rank="] },
        { new() { Kind = Instrument.BestWorst }, 4, ["Best=0&Worst=3", "Best=2&Worst=1"] },
        { new() { Kind = Instrument.Pairwise }, 2, ["Preference=-3", "Preference=0"] },
        { new() { Kind = Instrument.Likert }, 3, ["Score-0=7&Score-1=1&Score-2=1", "AllBad=true"] },
    };

    [Theory]
    [MemberData(nameof(Instruments))]
    public async Task BothForms_ReadAgain_EqualTheRows_ForEachInstrument(InstrumentSpec instrument, int shown, string[] answers)
    {
        var spec = instrument with { AsksComment = true, AsksConfidence = true, Reasons = ["Clear", "Correct"] };
        var visit = await InstrumentVisit.BeginAsync(application, spec, shown, change: study => study.Version = 2);
        var first = Guid.NewGuid();
        await visit.SubmitAsync(first, Fields($"{answers[0]}&Confidence=3&Reason=Correct&Comment=„gut“&ActiveMs=1200&IdleMs=4&Exposure={Each("70", shown)}&Touched={Each("1", shown)}&Input=drag&Viewport=390x844"));
        await visit.SubmitAsync(Guid.NewGuid(), Fields($"{answers[1]}&Revises={first}"));
        await visit.NextAsync();
        await visit.SubmitAsync(Guid.NewGuid(), Fields(answers[1]));

        await using var data = application.CreateContext();
        var stored = await data.Judgements.WithSuperseded().Include(row => row.Assignment!.Annotator).Include(row => row.Assignment!.Prompt)
            .Where(row => row.Assignment!.StudyId == visit.Study.Id).ToDictionaryAsync(row => row.Id);
        var (_, lines) = await ReadAsync($"/studies/{visit.Study.Id}/judgements.jsonl");
        var (_, byResponse) = await ReadAsync($"/studies/{visit.Study.Id}/judgements.jsonl?form=responses");
        Assert.Equal(3, stored.Count);
        Assert.Equal(stored.Keys.Order(), lines.Select(Id).Order());
        Assert.Equal(3 * shown, byResponse.Count);
        foreach (var line in lines)
        {
            AssertEqual(stored[Id(line)], line, line.GetProperty("responses").EnumerateArray().ToList(), spec);
            Assert.Equal(stored[Id(line)].Answer.Ranking.ToString(), line.GetProperty("ranking").GetString());
        }
        foreach (var responses in byResponse.GroupBy(Id))
            Assert.All(responses, row => AssertEqual(stored[responses.Key], row, [.. responses], spec));
    }

    private static void AssertEqual(Judgement row, JsonElement line, List<JsonElement> responses, InstrumentSpec spec)
    {
        var (assignment, answer, timing) = (row.Assignment!, row.Answer, row.Timing);
        Assert.Equal(
            (assignment.Id, assignment.StudyId, row.StudyVersion, assignment.AnnotatorId, "human", assignment.Prompt!.Key),
            (line.GetProperty("assignment_id").GetGuid(), line.GetProperty("study_id").GetInt32(), line.GetProperty("study_version").GetInt32(),
                line.GetProperty("annotator_id").GetGuid(), line.GetProperty("annotator_kind").GetString(), line.GetProperty("prompt_id").GetString()));
        Assert.Equal(2, row.StudyVersion);
        Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName($"{spec.Kind}"), line.GetProperty("instrument").GetString());
        Assert.Equal(
            (answer.AllBad, answer.Confidence, answer.Comment, timing.ActiveMs, timing.IdleMs),
            (line.GetProperty("all_bad").GetBoolean(), Number(line, "confidence"), line.GetProperty("comment").GetString(), Number(line, "active_ms"), Number(line, "idle_ms")));
        Assert.Equal(answer.Reasons, line.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));
        Assert.Equal((row.Revision, row.SupersededAt), (line.GetProperty("revision").GetInt32(), Instant(line, "superseded_at")));
        Assert.Equal((row.StartedAt, row.SubmittedAt), (Instant(line, "started_at"), Instant(line, "submitted_at")));
        Assert.Equal(timing.Input == "" ? null : timing.Input, line.GetProperty("client").GetProperty("input").GetString());
        Assert.Equal(timing.Viewport == "" ? null : timing.Viewport, line.GetProperty("client").GetProperty("viewport").GetString());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("is_repeat_of").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("attention_check").ValueKind);
        Assert.Equal(assignment.PresentedOrder.Length, responses.Count);
        foreach (var response in responses)
        {
            var responseIndex = response.GetProperty("response_id").GetString()![0] - 'A';
            var position = response.GetProperty("presented_position").GetInt32();
            Assert.Equal(responseIndex, assignment.PresentedOrder[position]);
            Assert.StartsWith("model of ", response.GetProperty("response_model").GetString(), StringComparison.Ordinal);
            Assert.Equal(answer.Scores.Length == 0 ? null : answer.Scores[responseIndex], Number(response, "score"));
            var isBetween = spec.Kind == Instrument.BestWorst && Number(response, "score") == 0;
            Assert.Equal(isBetween ? null : answer.Ranking.RankOf(responseIndex), Number(response, "rank"));
            Assert.Equal(timing.ExposureMs.Length == 0 ? null : timing.ExposureMs[position], Number(response, "exposure_ms"));
            Assert.Equal(timing.Touched.Length == 0 ? "null" : timing.Touched[position] ? "true" : "false", response.GetProperty("touched").GetRawText());
        }
    }

    [Fact]
    public async Task Repeats_Checks_Subsets_AndExclusions_AreMarked()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new(), responses: 4, change: study =>
        {
            study.AttentionChecks = [new("Put B first.", ["no", "this one"], 1), new("Put A first.", ["this one", "no"], 0)];
            study.Assignment = new() { ResponsesPerPrompt = 2 };
        });
        await visit.SubmitAsync(Guid.NewGuid(), Fields("Rank=1&Rank=2"));
        await using var data = application.CreateContext();
        var shown = await data.Assignments.SingleAsync(row => row.Id == visit.AssignmentId);
        var further = new[] { Further(shown, 1, null, 0, null, [1, 0]), Further(shown, 2, null, 1, null, [1, 0]), Further(shown, 3, shown.PromptId, null, shown.Id, [.. shown.PresentedOrder.Reverse()]) };
        data.Assignments.AddRange(further);
        await data.SaveChangesAsync();
        foreach (var assignment in further)
        {
            data.Judgements.Add(new() { Id = Guid.NewGuid(), AssignmentId = assignment.Id, Answer = new() { Ranking = Ranking.Strict(assignment.PresentedOrder) }, SubmittedAt = DateTimeOffset.UtcNow });
            assignment.State = AssignmentState.Submitted;
        }
        await data.SaveChangesAsync();
        await data.Annotators.Where(row => row.Id == shown.AnnotatorId).ExecuteUpdateAsync(set => set.SetProperty(row => row.ExclusionReason, "Too fast.").SetProperty(row => row.ConsentVersion, 3));

        var (_, lines) = await ReadAsync($"/studies/{visit.Study.Id}/judgements.jsonl");
        Assert.Equal(4, lines.Count);
        Assert.All(lines, line => Assert.Equal(("Too fast.", 3), (line.GetProperty("exclusion_reason").GetString(), line.GetProperty("consent_version").GetInt32())));
        Assert.All(lines, line => Assert.Equal(2, line.GetProperty("responses").GetArrayLength()));
        var byAssignment = lines.ToDictionary(line => line.GetProperty("assignment_id").GetGuid());
        Assert.Equal(shown.Id, byAssignment[further[2].Id].GetProperty("is_repeat_of").GetGuid());
        Assert.Equal((0, true), Check(byAssignment[further[0].Id]));
        Assert.Equal((1, false), Check(byAssignment[further[1].Id]));
        Assert.Equal(JsonValueKind.Null, byAssignment[further[0].Id].GetProperty("prompt_id").ValueKind);
        Assert.Empty((await ReadAsync($"/studies/{visit.Study.Id}/pairs.jsonl")).Lines);
    }

    [Fact]
    public async Task Pairs_AreThoseOfTheJudgementsThatCount()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new(), responses: 3);
        var first = Guid.NewGuid();
        await visit.SubmitAsync(first, Fields("Rank=1&Rank=2&Rank=3"));
        var second = Guid.NewGuid();
        await visit.SubmitAsync(second, Fields($"Rank=2&Rank=1&Rank=2&Revises={first}"));
        var (_, pairs) = await ReadAsync($"/studies/{visit.Study.Id}/pairs.jsonl");
        await using var data = application.CreateContext();
        var order = (await data.Assignments.SingleAsync(row => row.Id == visit.AssignmentId)).PresentedOrder;
        Assert.Equal(2, pairs.Count);
        Assert.All(pairs, pair =>
        {
            Assert.Equal((second, 1, 0.5), (Id(pair), pair.GetProperty("margin").GetInt32(), pair.GetProperty("weight").GetDouble()));
            Assert.Equal($"Response {order[1]}", pair.GetProperty("chosen").GetString());
            Assert.Equal(Ranking.Letter(order[1]).ToString(), pair.GetProperty("chosen_id").GetString());
            Assert.StartsWith("Prompt ", pair.GetProperty("prompt").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(new[] { order[0], order[2] }.Order().Select(index => $"Response {index}"), pairs.Select(pair => pair.GetProperty("rejected").GetString()).Order());
    }

    [Fact]
    public async Task SkipsAndSurveyAnswers_AreStreamsOfTheirOwn_AndThoseWhoWithdrewAreInNone()
    {
        var visit = await InstrumentVisit.BeginAsync(application, new());
        using var skip = await visit.PostAsync("/skip", asScript: true, ("Reason", "Nur Fachwörter"));
        await using var data = application.CreateContext();
        var annotatorId = (await data.Assignments.SingleAsync(row => row.Id == visit.AssignmentId)).AnnotatorId;
        (await data.Studies.SingleAsync(row => row.Id == visit.Study.Id)).Survey =
            [new("age", "How old are you?", SurveyQuestionKind.Number, []), new("later", "Any remarks?", SurveyQuestionKind.Text, [], IsAfter: true)];
        data.SurveyAnswers.AddRange(
            new() { AnnotatorId = annotatorId, QuestionKey = "age", Values = ["41"], AnsweredAt = DateTimeOffset.UtcNow },
            new() { AnnotatorId = annotatorId, QuestionKey = "later", Values = [], AnsweredAt = DateTimeOffset.UtcNow });
        await data.SaveChangesAsync();

        var skipped = Assert.Single((await ReadAsync($"/studies/{visit.Study.Id}/skips.jsonl")).Lines);
        Assert.Equal((visit.AssignmentId, annotatorId, "Nur Fachwörter"), (skipped.GetProperty("assignment_id").GetGuid(), skipped.GetProperty("annotator_id").GetGuid(), skipped.GetProperty("reason").GetString()));
        Assert.Empty((await ReadAsync($"/studies/{visit.Study.Id}/judgements.jsonl")).Lines);
        var (_, answers) = await ReadAsync($"/studies/{visit.Study.Id}/survey.jsonl");
        Assert.Equal(
            [("age", "before", "41", false), ("later", "after", "", true)],
            answers.Select(answer => (answer.GetProperty("question").GetString()!, answer.GetProperty("asked").GetString()!,
                string.Join('|', answer.GetProperty("values").EnumerateArray().Select(value => value.GetString())), answer.GetProperty("prefer_not_to_say").GetBoolean())));

        await data.Annotators.Where(row => row.Id == annotatorId).ExecuteUpdateAsync(set => set.SetProperty(row => row.WithdrawnAt, DateTimeOffset.UtcNow));
        foreach (var file in new[] { "judgements", "pairs", "skips", "survey" })
            Assert.Empty((await ReadAsync($"/studies/{visit.Study.Id}/{file}.jsonl")).Lines);
    }

    [Fact]
    public async Task NoStream_NamesAPersonOutsideTheStudy()
    {
        await using var data = application.CreateContext();
        var (study, _) = await StudyScene.SeedAsync(data, $"p{Guid.NewGuid():n}"[..12], prompts: 2, responses: 2, overlap: 1, people: 0);
        var annotator = new Annotator { StudyId = study.Id, Number = 1, ParticipantId = "PID-SECRET", SessionId = "SESSION-SECRET", CompletionCode = "CODE-SECRET", JoinedAt = DateTimeOffset.UtcNow };
        data.Annotators.Add(annotator);
        await data.SaveChangesAsync();
        var prompts = await data.StudyPrompts.Where(row => row.StudyId == study.Id).Select(row => row.PromptId).ToListAsync();
        var done = new Assignment { StudyId = study.Id, AnnotatorId = annotator.Id, PromptId = prompts[0], PresentedOrder = [0, 1], State = AssignmentState.Submitted };
        data.Assignments.AddRange(done, new() { StudyId = study.Id, AnnotatorId = annotator.Id, PromptId = prompts[1], PresentedOrder = [1, 0], State = AssignmentState.Skipped });
        data.Judgements.Add(new() { Id = Guid.NewGuid(), AssignmentId = done.Id, Answer = new() { Ranking = Ranking.Parse("A,B") } });
        data.SurveyAnswers.Add(new() { AnnotatorId = annotator.Id, QuestionKey = "gone", Values = ["x"] });
        await data.SaveChangesAsync();
        foreach (var file in new[] { "judgements.jsonl", "judgements.jsonl?form=responses", "pairs.jsonl", "skips.jsonl", "survey.jsonl" })
        {
            var (text, lines) = await ReadAsync($"/studies/{study.Id}/{file}");
            Assert.NotEmpty(lines);
            Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
            Assert.Contains(annotator.Id.ToString(), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ManyPages_HoldEveryRowOnce()
    {
        await using var data = application.CreateContext();
        var (study, _) = await StudyScene.SeedAsync(data, $"m{Guid.NewGuid():n}"[..12], prompts: 3, responses: 2, overlap: 9999, people: 0);
        var prompts = await data.StudyPrompts.Where(row => row.StudyId == study.Id).Select(row => row.PromptId).ToListAsync();
        for (var number = 1; number <= 420; number++)
        {
            var annotator = new Annotator { StudyId = study.Id, Number = number, Kind = AnnotatorKind.Simulated, JoinedAt = DateTimeOffset.UtcNow };
            data.Annotators.Add(annotator);
            data.SurveyAnswers.AddRange(Enumerable.Range(0, 2).Select(key => new SurveyAnswer { Annotator = annotator, AnnotatorId = annotator.Id, QuestionKey = $"q{key}", Values = [] }));
            foreach (var promptId in prompts)
            {
                var assignment = new Assignment { StudyId = study.Id, AnnotatorId = annotator.Id, PromptId = promptId, PresentedOrder = [1, 0], State = AssignmentState.Submitted };
                data.Assignments.Add(assignment);
                data.Judgements.Add(new() { Id = Guid.NewGuid(), AssignmentId = assignment.Id, Answer = new() { Ranking = Ranking.Parse("B,A") } });
            }
        }
        await data.SaveChangesAsync();
        var (_, lines) = await ReadAsync($"/studies/{study.Id}/judgements.jsonl");
        Assert.Equal(1260, lines.Select(Id).Distinct().Count());
        Assert.Equal(1260, lines.Count);
        Assert.All(lines, line => Assert.Equal("simulated", line.GetProperty("annotator_kind").GetString()));
        Assert.Equal(2520, (await ReadAsync($"/studies/{study.Id}/judgements.jsonl?form=responses")).Lines.Count);
        Assert.Equal(1260, (await ReadAsync($"/studies/{study.Id}/pairs.jsonl")).Lines.Select(Id).Distinct().Count());
        Assert.Equal(840, (await ReadAsync($"/studies/{study.Id}/survey.jsonl")).Lines.Count);
    }

    [Fact]
    public async Task FiftyThousandJudgements_AreStreamed_TheFirstLineAtOnce_AndInTheMemoryOfAPage()
    {
        const int Annotators = 5000;
        await using var data = application.CreateContext();
        var (study, _) = await StudyScene.SeedAsync(data, $"l{Guid.NewGuid():n}"[..12], prompts: 10, responses: 4, overlap: Annotators, people: 0);
        await data.Database.ExecuteSqlAsync(
            $$"""
            INSERT INTO "Annotators" ("Id", "StudyId", "Kind", "Number", "JoinedAt")
                SELECT gen_random_uuid(), {{study.Id}}, 'Simulated', number, now() FROM generate_series(1, {{Annotators}}) number;
            INSERT INTO "Assignments" ("Id", "StudyId", "PromptId", "AnnotatorId", "Slot", "PresentedOrder", "State", "LeasedAt", "LeasedUntil")
                SELECT gen_random_uuid(), {{study.Id}}, item."PromptId", annotator."Id", item."Index", '{3,1,0,2}', 'Submitted', now(), now()
                FROM "Annotators" annotator JOIN "StudyPrompts" item ON item."StudyId" = annotator."StudyId" WHERE annotator."StudyId" = {{study.Id}};
            INSERT INTO "Judgements" ("Id", "AssignmentId", "Ranking", "Scores", "AllBad", "Reasons", "ExposureMs", "Touched", "Input", "Viewport", "Revision", "StudyVersion", "StartedAt", "SubmittedAt")
                SELECT gen_random_uuid(), assignment."Id", 'B,A=C,D', '{}', false, '{}', '{900,800,700,600}', '{true,true,false,true}', 'tap', '390x844', 1, 1, now(), now()
                FROM "Assignments" assignment WHERE assignment."StudyId" = {{study.Id}};
            ANALYZE;
            """);
        _researcher ??= await application.VisitAsAsync(Roles.Researcher);
        var watch = Stopwatch.StartNew();
        using var answer = await _researcher.Http.GetAsync($"/studies/{study.Id}/judgements.jsonl", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var (count, first, before) = (0, TimeSpan.Zero, 0L);
        while (await reader.ReadLineAsync() is not null)
        {
            if (count++ == 0)
                first = watch.Elapsed;
            if (count == 10_000)
                before = GC.GetTotalMemory(forceFullCollection: true);
        }
        output.WriteLine($"first line {first.TotalMilliseconds:f0} ms, all {watch.Elapsed.TotalSeconds:f1} s, memory from {before >> 20} to {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB");
        Assert.Equal(Annotators * 10, count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        Assert.True(first < TimeSpan.FromSeconds(5), $"The first line took {first}.");
    }

    private Visitor? _researcher;

    private async Task<(string Text, List<JsonElement> Lines)> ReadAsync(string address)
    {
        _researcher ??= await application.VisitAsAsync(Roles.Researcher);
        var text = await _researcher.Http.GetStringAsync(address);
        return (text, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }

    private static Assignment Further(Assignment shown, int slot, long? promptId, int? checkIndex, Guid? repeatOf, int[] order) => new()
    {
        StudyId = shown.StudyId,
        AnnotatorId = shown.AnnotatorId,
        PromptId = promptId,
        CheckIndex = checkIndex,
        RepeatOfId = repeatOf,
        Slot = slot,
        PresentedOrder = order,
        State = AssignmentState.Leased,
        LeasedAt = shown.LeasedAt,
        LeasedUntil = shown.LeasedUntil,
    };

    private static (int Index, bool Passed) Check(JsonElement line) =>
        (line.GetProperty("attention_check").GetProperty("index").GetInt32(), line.GetProperty("attention_check").GetProperty("passed").GetBoolean());

    private static Guid Id(JsonElement line) => line.GetProperty("judgement_id").GetGuid();

    private static int? Number(JsonElement line, string name) => line.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;

    private static DateTimeOffset? Instant(JsonElement line, string name) => line.GetProperty(name) is { ValueKind: JsonValueKind.String } instant ? instant.GetDateTimeOffset() : null;

    private static string Each(string value, int count) => string.Join(',', Enumerable.Repeat(value, count));

    private static (string Name, string Value)[] Fields(string form) => [.. form.Split('&').Select(field => field.Split('=', 2)).Select(parts => (parts[0], parts[1]))];
}
