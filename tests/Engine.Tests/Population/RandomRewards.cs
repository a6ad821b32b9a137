using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Population;

/// <summary>Standard-normal rewards of ragged prompts, the same for the same seed.</summary>
internal static class RandomRewards
{
    /// <param name="decimals">Rounds the rewards, so that equal utilities occur; null for no rounding.</param>
    public static RewardMatrix Make(uint seed, int prompts, int fewest, int most, int models, int? decimals = null)
    {
        var random = new RandomStream(seed, 77, 0);
        var starts = new int[prompts + 1];
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
            starts[promptIndex + 1] = starts[promptIndex] + fewest + random.NextBelow(most - fewest + 1);
        var values = new float[starts[^1] * models];
        for (var index = 0; index < values.Length; index++)
            values[index] = (float)(decimals is { } digits ? Math.Round(random.NextNormal(), digits) : random.NextNormal());
        return new RewardMatrix(Names(models), starts, values);
    }

    public static string[] Names(int models) => [.. Enumerable.Range(0, models).Select(index => $"model_{index:D2}")];
}
