using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class RankRepresentativenessTests
{
    private const int Everyone = 12;

    [Fact]
    public void PeopleWhoRankAsTheUsersDo_AreRepresentedFully()
    {
        var rewards = OneTaste(responses: 4);
        var (everybody, groups) = Of(rewards, Everyone, _ => "D,C,B,A");
        Assert.Equal(1, everybody.Value.Value!.Value, 1e-12);
        Assert.Equal((1, 1), (everybody.Value.Low!.Value, everybody.Value.High!.Value));
        Assert.Equal(1, everybody.Matched.Value!.Value, 1e-12);
        Assert.Equal((Everyone, 2 * Everyone), (groups[0].People, groups[0].Judgements));
    }

    [Theory]
    // |1−2| + |2−1| over two responses, by 2 − 1.
    [InlineData(2, "A,B", 0)]
    // Distances 3, 1, 1, 3: mean 2, by 4 − 1.
    [InlineData(4, "A,B,C,D", 1.0 / 3)]
    // Everything tied: 2.5 for all, distances 1.5, .5, .5, 1.5: mean 1, by 3.
    [InlineData(4, "A=B=C=D", 2.0 / 3)]
    // Half tied, B and C have rank 2.5, the users 2 and 3: distances 0, .5, .5, 0.
    [InlineData(4, "D,B=C,A", 1 - (0.25 / 3))]
    public void Distances_AreThoseWorkedByHand(int responses, string ranking, double expected)
    {
        // The users rank the last response first.
        var (everybody, _) = Of(OneTaste(responses), Everyone, _ => ranking);
        Assert.Equal(expected, everybody.Value.Value!.Value, 1e-12);
    }

    [Fact]
    public void HalfTheUsersEachWay_AndHalfThePeopleEachWay_AreTheSameDistribution()
    {
        // Two reward models that rank the other way round; user by user one of them.
        var rewards = new RewardMatrix(["down", "up"], [0, 3], [3, 1, 2, 2, 1, 3]);
        var users = new SimulatedUsers(new PopulationSpec(rewards.RewardModels, 1, 4, 1), 0, [1, 0, 1, 0, 0, 1, 0, 1]);
        var rankings = Enumerable.Range(0, Everyone).Select(person => new AnnotatorRanking(person, 0, Ranking.Parse(person % 2 == 0 ? "A,B,C" : "C,B,A"))).ToArray();
        var (everybody, groups) = new RankRepresentativeness(rewards, users, rankings).Of(
            "all", [new("those who rank down", [.. Enumerable.Range(0, 6).Select(half => 2 * half)]), new("all again", [.. Enumerable.Range(0, Everyone)])], 1);
        Assert.Equal(1, everybody.Value.Value!.Value, 1e-12);
        Assert.Equal(everybody.Value, groups[1].Value);
        Assert.Equal("the group has fewer than 10 people", groups[0].Value.UndefinedBecause);
        Assert.Null(groups[0].People);
    }

    [Theory]
    [InlineData(1, double.PositiveInfinity)]
    [InlineData(2, double.PositiveInfinity)]
    [InlineData(3, 1.5)]
    public void AnyRankings_HaveTheValueOfTheSlowPlainProgram(int seed, double beta)
    {
        var (rewards, users, rankings) = Random(seed, people: 30, beta);
        PeopleGroup[] groups = [new("first", [.. Enumerable.Range(0, 17)]), new("some", [.. Enumerable.Range(0, 30).Where(person => person % 2 == 1)]), new("few", [3, 4])];
        var (everybody, made) = new RankRepresentativeness(rewards, users, rankings).Of("all", groups, 5, resamples: 50, replicates: 4);
        Assert.Equal(Plain(rewards, users, rankings), everybody.Value.Value!.Value, 1e-10);
        for (var group = 0; group < 2; group++)
            Assert.Equal(Plain(rewards, users, [.. rankings.Where(one => groups[group].AnnotatorIndexes.Contains(one.AnnotatorIndex))]), made[group].Value.Value!.Value, 1e-10);
        Assert.False(made[2].Value.IsDefined);
    }

    [Fact]
    public void TheSameSeed_GivesTheSameIntervals_AndTheOrderOfPeopleDoesNotMatter()
    {
        var (rewards, users, rankings) = Random(4, people: 14, double.PositiveInfinity);
        var one = new RankRepresentativeness(rewards, users, rankings).Of("all", [], 5, 200, 10);
        Assert.Equal(one.Everybody, new RankRepresentativeness(rewards, users, rankings).Of("all", [], 5, 200, 10).Everybody);
        var turned = new RankRepresentativeness(rewards, users, [.. rankings.Reverse()]).Of("all", [], 5, 200, 10).Everybody;
        Assert.Equal(one.Everybody.Value.Value!.Value, turned.Value.Value!.Value, 1e-12);
    }

    [Fact]
    public void PeopleWhoAreSimulatedUsers_LieInTheBandOfThoseInTheirPlaces_AndTheirIntervalsHoldItsMean()
    {
        var inBand = 0;
        var held = 0;
        for (var study = 0; study < 40; study++)
        {
            var (rewards, users, rankings) = Drawn(study);
            var (everybody, _) = new RankRepresentativeness(rewards, users, rankings).Of("all", [], 7, resamples: 200, replicates: 60);
            // Three people to a prompt: far from 1, though nobody could be represented better.
            Assert.InRange(everybody.Matched.Value!.Value, 0.5, 0.95);
            inBand += everybody.Value.Value >= everybody.Matched.Low && everybody.Value.Value <= everybody.Matched.High ? 1 : 0;
            held += everybody.Matched.Value >= everybody.Value.Low && everybody.Matched.Value <= everybody.Value.High ? 1 : 0;
        }
        Assert.InRange(inBand, 34, 40);
        Assert.InRange(held, 32, 40);
    }

    [Fact]
    public void OnlyCompleteRankings_Count()
    {
        var rewards = new RewardMatrix(["m"], [0, 4, 7, 8], [1, 2, 3, 4, 1, 2, 3, 1]);
        AnnotatorRanking[] rankings = [new(0, 0, Ranking.Parse("A,B")), new(1, 0, Ranking.Parse("A,B=C,D")), new(2, 1, Ranking.Parse("A,B,C")), new(3, 2, Ranking.Parse("A")), new(4, 0, Ranking.Empty)];
        Assert.Equal([1, 2], RankRepresentativeness.Counting(rewards, rankings, Instrument.FullRanking).Select(one => one.AnnotatorIndex));
        // Of four responses best–worst leaves two that nobody compared.
        Assert.Equal([2], RankRepresentativeness.Counting(rewards, rankings, Instrument.BestWorst).Select(one => one.AnnotatorIndex));
        Assert.Throws<ArgumentException>(() => new RankRepresentativeness(rewards, Users(rewards, 1), rankings));
    }

    [Fact]
    public void WithoutAnyRanking_TheReasonIsSaid()
    {
        var rewards = OneTaste(3);
        var (everybody, groups) = new RankRepresentativeness(rewards, Users(rewards, 5), []).Of("all", [new("some", [1, 2])], 1);
        Assert.Equal("nobody has ranked all responses of a prompt", everybody.Value.UndefinedBecause);
        Assert.Equal((0, "nobody of the group has ranked all responses of a prompt"), (groups[0].People, groups[0].Value.UndefinedBecause));
    }

    private static (GroupRepresentativeness Everybody, IReadOnlyList<GroupRepresentativeness> Groups) Of(RewardMatrix rewards, int people, Func<int, string> ranking)
    {
        AnnotatorRanking[] rankings = [.. from person in Enumerable.Range(0, people) from prompt in Enumerable.Range(0, rewards.PromptCount) select new AnnotatorRanking(person, prompt, Ranking.Parse(ranking(person)))];
        return new RankRepresentativeness(rewards, Users(rewards, 20), rankings).Of("all", [new("group", [.. Enumerable.Range(0, people)])], 1, resamples: 50, replicates: 5);
    }

    /// <summary>Two prompts and one reward model, which likes every response more than the one before.</summary>
    private static RewardMatrix OneTaste(int responses) =>
        new(["m"], [0, responses, 2 * responses], [.. Enumerable.Range(0, 2 * responses).Select(response => (float)response)]);

    private static SimulatedUsers Users(RewardMatrix rewards, int count) => PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.3, count, 2));

    private static (RewardMatrix, SimulatedUsers, AnnotatorRanking[]) Random(int seed, int people, double beta)
    {
        var random = new Random(seed);
        int[] starts = [0, 5, 7, 10, 18];
        var rewards = new RewardMatrix(["a", "b", "c"], starts, [.. Enumerable.Range(0, 3 * 18).Select(_ => random.NextSingle())]);
        var users = PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.4, 60, (uint)seed, InverseTemperature: beta));
        AnnotatorRanking[] rankings =
        [
            .. from person in Enumerable.Range(0, people)
               from prompt in Enumerable.Range(0, 4)
               where random.Next(3) > 0
               let levels = random.Next(1, 9)
               select new AnnotatorRanking(person, prompt, Ranking.Of(Enumerable.Range(0, rewards.ResponseCountOf(prompt)).GroupBy(_ => random.Next(levels)).OrderBy(tier => tier.Key))),
        ];
        return (rewards, users, rankings);
    }

    /// <summary>Thirty people who are users of the population, three to a prompt.</summary>
    private static (RewardMatrix, SimulatedUsers, AnnotatorRanking[]) Drawn(int seed)
    {
        const int Prompts = 60, Responses = 5, People = 30;
        var random = new Random(seed);
        var rewards = new RewardMatrix(["a", "b", "c", "d"], [.. Enumerable.Range(0, Prompts + 1).Select(prompt => prompt * Responses)], [.. Enumerable.Range(0, Prompts * Responses * 4).Select(_ => random.NextSingle())]);
        var users = PopulationSampler.Sample(new PopulationSpec(rewards.RewardModels, 0.3, 400, (uint)seed));
        var cast = Enumerable.Range(0, 400).OrderBy(_ => random.Next()).Take(People).ToArray();
        AnnotatorRanking[] rankings =
        [
            .. from prompt in Enumerable.Range(0, Prompts)
               from place in Enumerable.Range(0, 3)
               let person = ((3 * prompt) + place) % People
               select new AnnotatorRanking(person, prompt, RankingOf(rewards, users, cast[person], prompt)),
        ];
        return (rewards, users, rankings);
    }

    private static Ranking RankingOf(RewardMatrix rewards, SimulatedUsers users, int userIndex, int promptIndex)
    {
        var utilities = new float[rewards.ResponseCountOf(promptIndex)];
        Utility.Compute(rewards.RowsOf(promptIndex), Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight), utilities);
        var bestFirst = new int[utilities.Length];
        new ChoiceModel(users.Spec).Rank(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex), bestFirst);
        return Ranking.Of(bestFirst.Select(response => new[] { response }));
    }

    /// <summary>Every user's ranking written down, and OpinionQA's own distance over the half ranks.</summary>
    private static double Plain(RewardMatrix rewards, SimulatedUsers users, AnnotatorRanking[] rankings)
    {
        var distances = new List<double>();
        foreach (var prompt in rankings.GroupBy(one => one.PromptIndex))
        {
            var responses = rewards.ResponseCountOf(prompt.Key);
            double[] ordinals = [.. Enumerable.Range(0, (2 * responses) - 1).Select(half => 1 + (half / 2.0))];
            for (var response = 0; response < responses; response++)
            {
                var simulated = new double[ordinals.Length];
                for (var userIndex = 0; userIndex < users.Count; userIndex++)
                    simulated[2 * (RankingOf(rewards, users, userIndex, prompt.Key).RankOf(response)!.Value - 1)]++;
                var people = new double[ordinals.Length];
                foreach (var one in prompt)
                {
                    var tier = one.Ranking.Tiers.Single(tier => tier.Contains(response));
                    people[Array.IndexOf(ordinals, one.Ranking.RankOf(response)!.Value + ((tier.Count - 1) / 2.0))]++;
                }
                distances.Add(Representativeness.Distance(ordinals, simulated, people, OrdinalNormalizer.Range));
            }
        }
        return 1 - distances.Average();
    }
}
