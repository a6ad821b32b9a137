using System.Globalization;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does one move of a population's slider take, all that the page asks of the engine, or one part of it?</summary>
internal static class Slider
{
    private const int Resamples = 1000;

    public static Job Prepare(Arguments arguments)
    {
        var users = arguments.Integer("users", 1000);
        var prompts = arguments.Integer("prompts", 1000);
        var inverseTemperature = arguments.Number("beta", double.PositiveInfinity);
        var part = arguments.Text("part", "all");
        var all = PeerData.Rewards(10_402);
        var rewards = all.Select([.. Enumerable.Range(0, prompts)], all.RewardModels);
        string[] responseModels = [.. Enumerable.Range(0, rewards.ResponseCount).Select(responseIndex => $"model {responseIndex % PeerData.Responses}")];
        string?[] subsets = [.. Enumerable.Range(0, prompts).Select(promptIndex => $"subset {promptIndex % 5}")];
        var seed = 0u;
        var drawn = PopulationSampler.Sample(Spec());
        var counted = VoteCounter.CountFirstChoices(rewards, drawn);
        return new(string.Create(CultureInfo.InvariantCulture, $"slider/{part}/U{users}/P{prompts}/b{inverseTemperature}"), () => part switch
        {
            "sample" => Sample().Count,
            "votes" => VoteCounter.CountFirstChoices(rewards, drawn).Values[0],
            "pairs" => PairwiseAgreement.WithinSimulated(VoteCounter.CountPairs(rewards, drawn)).Value!,
            "votes-and-pairs" => PairwiseAgreement.WithinSimulated(VoteCounter.CountFirstChoicesAndPairs(rewards, drawn).Pairs).Value!,
            "ranks" => VoteCounter.CountRanks(rewards, drawn).At(0, 0, 1),
            "summary" => Diversity.Summarize(counted, responseModels, subsets, 0, Resamples).MeanEntropy.Value!,
            "gini-of-votes" => Gini.OfVotes(counted, 0, Resamples).Value!,
            "gini-of-weights" => Gini.OfWeights(drawn, 0, Resamples).Value!,
            "overlap" => FirstChoiceOverlap.Mean(counted, 0, Resamples).Value!,
            "effective" => Diversity.EffectiveRewardModels(drawn, 0, Resamples).Value!,
            _ => All(),
        });

        object All()
        {
            var population = Sample();
            var (votes, pairs) = VoteCounter.CountFirstChoicesAndPairs(rewards, population);
            return new
            {
                tau = PairwiseAgreement.WithinSimulated(pairs).Value,
                effective = Diversity.EffectiveRewardModels(population, 0, Resamples).Value,
                entropy = Diversity.Summarize(votes, responseModels, subsets, 0, Resamples).MeanEntropy.Value,
                overlap = FirstChoiceOverlap.Mean(votes, 0, Resamples).Value,
                giniOfVotes = Gini.OfVotes(votes, 0, Resamples).Value,
                giniOfWeights = Gini.OfWeights(population, 0, Resamples).Value,
            };
        }

        // Every move draws other users.
        SimulatedUsers Sample()
        {
            seed++;
            return PopulationSampler.Sample(Spec());
        }

        PopulationSpec Spec() => PeerData.Spec(users, 0.1) with { InverseTemperature = inverseTemperature, Seed = seed };
    }
}
