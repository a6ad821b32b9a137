using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Dashboards;

namespace PersonalLlm.Web.Tests.Features.Dashboards;

/// <summary>Every number again, from the rows of the database, in the slowest and plainest way.</summary>
public sealed class DashboardReaderTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private sealed record Row(Guid Annotator, long PromptId, string Ranking);

    [Fact]
    public async Task PeoplesNumbers_EqualThoseRecomputedFromTheRows()
    {
        var (made, rows, models) = await SceneAsync();
        var humans = DashboardNumbers.OfHumans((await Reader.ReadAsync(made.StudyId))!);
        Assert.Equal(7, humans.Annotators);
        Assert.Equal(34, humans.Judgements);
        Assert.Equal(11, humans.SharedPrompts);

        var shared = rows.GroupBy(row => row.PromptId).Where(prompt => prompt.Count() > 1).ToList();
        var shares = shared.Select(prompt => Shares([.. prompt.Select(row => row.Ranking)])).ToList();
        AssertClose(shares.Average(share => -share.Where(part => part > 0).Sum(part => part * Math.Log(part))), humans.Diversity.MeanEntropy.Value);
        AssertClose(shares.Count(share => share.Max() <= 0.5) / 11.0, humans.Diversity.MajorityCurve[0].Share.Value);
        AssertClose(shares.Count(share => share.Max() <= 0.75) / 11.0, humans.Curve[75].Value);
        AssertClose(shares.Count(share => share.Count(part => part > 0) == 3) / 11.0, humans.Diversity.DistinctWinners[2].Estimate.Value);

        foreach (var share in humans.WinShares)
            AssertClose(
                rows.Sum(row => First(row.Ranking).Count(response => models[(row.PromptId, response)] == share.Name) / (double)First(row.Ranking).Length) / rows.Count,
                share.Estimate.Value);

        var taus = shared.SelectMany(prompt => Pairs([.. prompt])).Select(pair => Tau(Ranks(pair.One.Ranking), Ranks(pair.Other.Ranking))).Where(double.IsFinite).ToList();
        AssertClose(taus.Average(), humans.Agreement.Value);
        Assert.InRange(humans.Agreement.Value!.Value, humans.Agreement.Low!.Value, humans.Agreement.High!.Value);
    }

    [Fact]
    public async Task UsersFrozenWithTheStudy_AreTheBase_AsTheyWereWrittenDown()
    {
        var (made, _, _) = await SceneAsync();
        var drawn = (await Reader.ReadAsync(made.StudyId))!.Cohorts[0].Spec;
        var written = drawn with { Seed = drawn.Seed + 1 };
        await using (var context = application.CreateContext())
        {
            // Weights that today's program would not draw from this specification: what counts is what was written down.
            var other = FrozenCohort.Of(made.StudyId, "Predicted", written, DateTimeOffset.UnixEpoch);
            context.FrozenCohorts.Add(new() { StudyId = made.StudyId, Name = "Predicted", Spec = drawn, Hash = drawn.Hash(), Weights = other.Weights, FrozenAt = other.FrozenAt });
            await context.SaveChangesAsync();
            await context.Cohorts.Where(cohort => cohort.Id == made.CohortId).ExecuteDeleteAsync();
        }
        var study = (await Reader.ReadAsync(made.StudyId))!;
        Assert.Empty(study.Cohorts);
        var rewards = (await Reader.ReadRewardsAsync(study))!;
        var settings = DashboardReader.Settings(study, rewards, null, null, null, null, null, out _);
        Assert.StartsWith("x?cohort=frozen&", settings.ToAddress("x"), StringComparison.Ordinal);
        Assert.Equal(settings, DashboardReader.Settings(study, rewards, "frozen", null, null, null, null, out _));
        var frozen = DashboardNumbers.OfSimulated(study, rewards, settings.Spec);
        Assert.Equal(DashboardNumbers.OfSimulated(study, rewards, written).Agreement, frozen.Agreement);
        // Another α asks for other users, which are drawn.
        var moved = DashboardReader.Settings(study, rewards, "frozen", "3", null, null, null, out _);
        Assert.Equal(PopulationSampler.Sample(moved.Spec).Weights.ToArray(), study.UsersOf(moved.Spec).Weights.ToArray());
        var none = (await Reader.ReadAsync((await SceneAsync()).Made.StudyId))!;
        DashboardReader.Settings(none, null, "frozen", null, null, null, null, out var problem);
        Assert.Equal("No population was frozen with this study.", problem);
    }

    [Fact]
    public async Task AnAlphaForEachRewardModel_IsReadBackFromTheAddress()
    {
        var (made, _, _) = await SceneAsync();
        var study = (await Reader.ReadAsync(made.StudyId))!;
        var around = study.Cohorts[0].Spec with { Concentration = Concentration.PerModel([0.1, 0.2, 0.3, 0.4]) };
        var settings = DashboardReader.Settings(study, null, null, around.Concentration.ToString(), null, null, null, out var problem);
        Assert.Null(problem);
        Assert.Equal(around.Concentration, settings.Spec.Concentration);
        DashboardReader.Settings(study, null, null, "1,2", null, null, null, out problem);
        Assert.StartsWith("alpha must be", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(2)]
    public async Task SimulatedNumbers_EqualThoseOfEveryUserOneByOne(double alpha)
    {
        var (made, rows, models) = await SceneAsync();
        var study = (await Reader.ReadAsync(made.StudyId))!;
        var settings = DashboardReader.Settings(study, null, null, $"{alpha}", "60", "9", null, out var problem);
        Assert.Null(problem);
        var simulated = DashboardNumbers.OfSimulated(study, (await Reader.ReadRewardsAsync(study))!, settings.Spec);

        var prompts = await UtilitiesAsync(made, PopulationSampler.Sample(settings.Spec));
        var votes = prompts.ToDictionary(prompt => prompt.Key, prompt => prompt.Value.Select(user => Array.IndexOf(user, user.Max())).ToArray());
        AssertClose(
            votes.Values.Average(chosen => -chosen.GroupBy(response => response).Sum(group => group.Count() / 60.0 * Math.Log(group.Count() / 60.0))),
            simulated.Diversity.MeanEntropy.Value);
        AssertClose(
            votes.Values.Count(chosen => chosen.GroupBy(response => response).Max(group => group.Count()) <= 30) / 12.0, simulated.Diversity.MajorityCurve[0].Share.Value);
        foreach (var share in simulated.Diversity.WinShares)
            AssertClose(votes.Sum(prompt => prompt.Value.Count(response => models[(prompt.Key, response)] == share.Name)) / (12.0 * 60), share.Estimate.Value);
        AssertClose(prompts.Values.Average(users => Pairs(users).Average(pair => Tau(pair.One, pair.Other))), simulated.Agreement.Value);
        AssertClose(rows.Average(row => prompts[row.PromptId].Average(user => Tau(Ranks(row.Ranking), user))), simulated.AgreementWithHumans.Value);
    }

    [Fact]
    public async Task AStudyWithoutJudgements_SaysWhyPeoplesNumbersAreMissing()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context, people: 0);
        var study = (await Reader.ReadAsync(made.StudyId))!;
        var humans = DashboardNumbers.OfHumans(study);
        var simulated = DashboardNumbers.OfSimulated(study, (await Reader.ReadRewardsAsync(study))!, study.Cohorts[0].Spec);
        Assert.Equal("fewer than two annotators share a prompt", humans.Agreement.UndefinedBecause);
        Assert.Equal("no prompt has been judged by two people yet", humans.Diversity.MeanEntropy.UndefinedBecause);
        Assert.All(humans.WinShares, share => Assert.Equal("nobody has judged yet", share.Estimate.UndefinedBecause));
        Assert.Null(simulated.Matched);
        Assert.True(simulated.Diversity.MeanEntropy.IsDefined);
        Assert.StartsWith("Nobody has judged yet.", DashboardWords.Headline(humans, simulated));
    }

    [Fact]
    public async Task WhereAPersonWasAskedSomethingElse_ThePageSaysWhatThatDoes()
    {
        var (made, _, _) = await SceneAsync();
        Assert.Empty(DashboardWords.Caveats((await Reader.ReadAsync(made.StudyId))!));
        await using var context = application.CreateContext();
        var study = await context.Studies.SingleAsync(row => row.Id == made.StudyId);
        study.Instrument = new() { Kind = Instrument.BestWorst };
        study.Assignment = new() { ResponsesPerPrompt = 3 };
        await context.SaveChangesAsync();
        Assert.Collection(
            DashboardWords.Caveats((await Reader.ReadAsync(made.StudyId))!),
            caveat => Assert.StartsWith("People saw 3 responses", caveat),
            caveat => Assert.StartsWith("People named the best and the worst", caveat));
    }

    [Fact]
    public async Task AStudyThatIsNotThere_IsNull() => Assert.Null(await Reader.ReadAsync(int.MaxValue));

    [Fact]
    public async Task Json_HasThePagesNumbersAndWhatMakesThemAgain()
    {
        var (made, _, _) = await SceneAsync();
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        using var answer = JsonDocument.Parse(await visitor.Http.GetStringAsync($"/api/studies/{made.StudyId}/dashboard?alpha=0.5&users=50&seed=4"));
        var study = (await Reader.ReadAsync(made.StudyId))!;
        var spec = study.Cohorts[0].Spec with { Concentration = 0.5, Users = 50, Seed = 4 };
        var simulated = DashboardNumbers.OfSimulated(study, (await Reader.ReadRewardsAsync(study))!, spec);
        Assert.Equal(simulated.Diversity.MeanEntropy.Value, Number(answer, "simulated", "diversity", "meanEntropy", "value"));
        Assert.Equal(simulated.AgreementWithHumans.Low, Number(answer, "simulated", "agreementWithHumans", "low"));
        Assert.Equal(simulated.Matched!.MeanEntropy.High, Number(answer, "simulated", "matched", "meanEntropy", "high"));
        Assert.Equal(DashboardNumbers.OfHumans(study).Agreement.Value, Number(answer, "humans", "agreement", "value"));
        Assert.Equal(spec.Hash(), answer.RootElement.GetProperty("provenance").GetProperty("populationHash").GetString());
    }

    [Theory]
    [InlineData("alpha=-1", "alpha must be")]
    [InlineData("users=1000000", "users must be")]
    [InlineData("seed=x", "seed must be")]
    [InlineData("beta=NaN", "beta must be")]
    [InlineData("cohort=999999", "no population number 999999")]
    public async Task Json_RefusesWrongSettingsInWords(string query, string expected)
    {
        var (made, _, _) = await SceneAsync();
        var visitor = await application.VisitAsAsync(Roles.Researcher);
        var answer = await visitor.Http.GetAsync($"/api/studies/{made.StudyId}/dashboard?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString());
    }

    private DashboardReader Reader => application.Services.GetRequiredService<DashboardReader>();

    private async Task<(JudgedStudy Made, List<Row> Rows, Dictionary<(long PromptId, int Index), string> Models)> SceneAsync()
    {
        await using var context = application.CreateContext();
        var made = await JudgedStudy.CreateAsync(context);
        var judgements = await context.Judgements.AsNoTracking()
            .Where(judgement => judgement.Assignment!.StudyId == made.StudyId && judgement.Assignment.Annotator!.Kind == AnnotatorKind.Human)
            .Include(judgement => judgement.Assignment).ToListAsync();
        var models = await context.Responses.Where(response => response.Prompt!.DatasetId == made.DatasetId)
            .ToDictionaryAsync(response => (response.PromptId, response.Index), response => response.ResponseModel!.Name);
        return (made, [.. judgements.Select(judgement => new Row(judgement.Assignment!.AnnotatorId, judgement.Assignment.PromptId!.Value, judgement.Answer.Ranking.ToString()))], models);
    }

    /// <summary>By prompt of the study: [users][responses].</summary>
    private async Task<Dictionary<long, double[][]>> UtilitiesAsync(JudgedStudy made, SimulatedUsers users)
    {
        await using var context = application.CreateContext();
        var rewards = await context.DatasetRewards.AsNoTracking().Include(reward => reward.RewardModel).Include(reward => reward.Chunks)
            .Where(reward => reward.DatasetId == made.DatasetId).ToDictionaryAsync(reward => reward.RewardModel!.Name);
        var responses = await context.Responses.AsNoTracking().Where(response => context.StudyPrompts.Any(item => item.StudyId == made.StudyId && item.PromptId == response.PromptId)).ToListAsync();
        return responses.GroupBy(response => response.PromptId).ToDictionary(
            prompt => prompt.Key,
            prompt => Enumerable.Range(0, users.Count).Select(user => prompt.OrderBy(response => response.Index).Select(response =>
                users.Spec.RewardModels.Select((name, model) =>
                    users.WeightsOf(user)[model] * ((BitConverter.ToSingle(rewards[name].Chunks[0].Values, response.DatasetIndex * 4) - rewards[name].Mean) / rewards[name].StandardDeviation)).Sum()).ToArray()).ToArray());
    }

    private static int[] First(string ranking) => [.. ranking.Split(',')[0].Split('=').Select(letter => letter[0] - 'A')];

    /// <summary>Larger is better.</summary>
    private static double[] Ranks(string ranking)
    {
        var tiers = ranking.Split(',');
        return [.. Enumerable.Range(0, JudgedStudy.Responses).Select(response => -(double)Array.FindIndex(tiers, tier => tier.Contains((char)('A' + response))))];
    }

    private static double[] Shares(string[] rankings)
    {
        var votes = new double[JudgedStudy.Responses];
        foreach (var ranking in rankings)
            foreach (var response in First(ranking))
                votes[response] += 1.0 / First(ranking).Length / rankings.Length;
        // Thirds of thirds do not add up to a half exactly.
        return Array.ConvertAll(votes, vote => Math.Round(vote, 12));
    }

    private static double Tau(double[] one, double[] other)
    {
        var pairs = (from a in Enumerable.Range(0, one.Length) from b in Enumerable.Range(0, a) select (One: Math.Sign(one[a] - one[b]), Other: Math.Sign(other[a] - other[b]))).ToList();
        return pairs.Sum(pair => pair.One * pair.Other) / Math.Sqrt((double)pairs.Count(pair => pair.One != 0) * pairs.Count(pair => pair.Other != 0));
    }

    private static IEnumerable<(T One, T Other)> Pairs<T>(T[] items) => items.SelectMany((one, index) => items.Skip(index + 1).Select(other => (one, other)));

    private static double Number(JsonDocument json, params string[] path) =>
        path.Aggregate(json.RootElement, (element, name) => element.GetProperty(name)).GetDouble();

    private static void AssertClose(double expected, double? actual) => Assert.Equal(expected, actual!.Value, 9);
}
