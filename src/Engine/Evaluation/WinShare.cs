using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>How often a response model's response is the first choice, over all pairs of a user and a prompt.</summary>
internal static class WinShare
{
    /// <summary>Votes for the model's responses over all votes; prompts with more votes count more.</summary>
    /// <param name="votes">First choices.</param>
    /// <param name="promptIndexes">The prompts that have votes.</param>
    /// <param name="isOfModel">[responses]: whether the model wrote the response.</param>
    public static Bootstrap.UnitStatistic Of(VoteCounts votes, int[] promptIndexes, bool[] isOfModel)
    {
        var wins = Array.ConvertAll(promptIndexes, promptIndex =>
        {
            var own = 0.0;
            for (var responseIndex = votes.FirstResponseOf(promptIndex); responseIndex < votes.FirstResponseOf(promptIndex + 1); responseIndex++)
                own += isOfModel[responseIndex] ? votes.Values[responseIndex] : 0;
            return own;
        });
        return Bootstrap.Ratio(wins, Array.ConvertAll(promptIndexes, votes.TotalOf));
    }
}
