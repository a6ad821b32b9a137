using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>A random choice of prompts that the seed re-creates.</summary>
public static class PromptSample
{
    /// <summary>Positions (0-based, ascending) of a simple random sample without replacement.</summary>
    /// <param name="count">How many there are to choose from.</param>
    /// <param name="size">How many to take; all when it is larger than <paramref name="count"/>.</param>
    /// <param name="seed">Same seed, same sample.</param>
    public static int[] Draw(int count, int size, uint seed)
    {
        var positions = Enumerable.Range(0, count).ToArray();
        new RandomStream(seed, RandomStreams.PromptSamples, 0).Shuffle(positions.AsSpan());
        return [.. positions.Take(size).Order()];
    }
}
