using System.Globalization;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>What the figures say, in plain sentences.</summary>
internal static class DashboardWords
{
    public static string Headline(HumanNumbers humans, SimulatedNumbers? simulated)
    {
        if (simulated is null)
            return Counted(humans);
        var population = string.Create(CultureInfo.InvariantCulture, $"simulated users at α = {simulated.Spec.Concentration.Average:0.####}");
        if (humans.Judgements == 0)
            return $"Nobody has judged yet. Two {population} agree by τ-b {WithoutCount(simulated.Agreement)} on average.";
        if (simulated.Matched?.MeanEntropy is not { Value: { } expected, Low: { } low, High: { } high } || humans.Diversity.MeanEntropy.Value is not { } entropy)
            return $"{Counted(humans)} The comparison begins when two people have judged the same prompt.";
        var verdict = entropy > high ? "differ more than" : entropy < low ? "differ less than" : "differ about as much as";
        var people = string.Create(
            CultureInfo.InvariantCulture,
            $"People (n = {humans.Annotators}) {verdict} {population} would in their places: the entropy of their first choices is {entropy:0.00}, against {expected:0.00} [{low:0.00}, {high:0.00}].");
        return $"{people} {Agreements(humans, simulated)}";
    }

    /// <summary>Where people were asked something else than simulated users are, and what that does to the comparison.</summary>
    public static IEnumerable<string> Caveats(StudyJudgements study)
    {
        if (study.ResponsesPerPrompt is { } shown)
            yield return $"People saw {shown} responses of each prompt; simulated users here choose among all. First choices and shares of wins are therefore not comparable.";
        switch (study.Instrument)
        {
            case Instrument.TopK:
                yield return "People ranked only the best few: agreement with them is over the responses that were ranked.";
                break;
            case Instrument.BestWorst:
                yield return "People named the best and the worst: the responses in between count as tied, which draws τ-b towards 0.";
                break;
            case Instrument.Likert:
                yield return "People rated each response: equal ratings count as ties, and several responses can share a first choice.";
                break;
        }
    }

    private static string Agreements(HumanNumbers humans, SimulatedNumbers simulated)
    {
        string[] parts =
        [
            .. Part("two people agree by τ-b", humans.Agreement),
            .. Part("two simulated users by", simulated.Agreement),
            .. Part("a person and a simulated user by", simulated.AgreementWithHumans),
        ];
        var sentence = parts.Length < 2 ? string.Join("", parts) : string.Join(", ", parts[..^1]) + " and " + parts[^1];
        return sentence.Length == 0 ? "" : char.ToUpperInvariant(sentence[0]) + sentence[1..] + ".";

        static string[] Part(string words, Estimate estimate) => estimate.IsDefined ? [$"{words} {WithoutCount(estimate)}"] : [];
    }

    private static string WithoutCount(Estimate estimate) => Figures.Words(estimate).Split(", n = ")[0];

    private static string Counted(HumanNumbers humans) =>
        $"{Count(humans.Judgements, "judgement", "judgements")} by {Count(humans.Annotators, "person", "people")} so far.";

    private static string Count(int count, string one, string many) =>
        count.ToString("N0", CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many);
}
