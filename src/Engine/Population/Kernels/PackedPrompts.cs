using System.Runtime.CompilerServices;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Rewards of all responses, or of those that can be chosen at all, prompt by prompt as [reward models][candidates].</summary>
/// <remarks>
/// Packed once per reward matrix and forgotten with it: a slider counts the votes of hundreds of populations on the same prompts.
/// </remarks>
internal sealed class PackedPrompts
{
    private static readonly ConditionalWeakTable<RewardMatrix, PackedPrompts> s_all = [];
    private static readonly ConditionalWeakTable<RewardMatrix, PackedPrompts> s_contenders = [];

    private readonly AlignedArray<float> rewards;
    private readonly int[] starts;
    private readonly int[] candidates;

    /// <param name="matrix">All rewards.</param>
    /// <param name="candidatesOf">[prompts]: bit r is set when response r is a candidate; prompts of more than 64 responses keep all.</param>
    public PackedPrompts(RewardMatrix matrix, ulong[]? candidatesOf = null)
    {
        starts = new int[matrix.PromptCount + 1];
        candidates = new int[matrix.ResponseCount];
        for (var promptIndex = 0; promptIndex < matrix.PromptCount; promptIndex++)
        {
            starts[promptIndex + 1] = starts[promptIndex];
            for (var response = 0; response < matrix.ResponseCountOf(promptIndex); response++)
                if (candidatesOf is null || response > 63 || (candidatesOf[promptIndex] >> response & 1) != 0)
                    candidates[starts[promptIndex + 1]++] = response;
        }
        Models = matrix.RewardModelCount;
        rewards = new AlignedArray<float>(starts[^1] * Models);
        var packed = rewards.Span;
        for (var promptIndex = 0; promptIndex < matrix.PromptCount; promptIndex++)
        {
            var own = CandidatesOf(promptIndex);
            var first = starts[promptIndex] * Models;
            for (var place = 0; place < own.Length; place++)
            {
                var row = matrix.Row(matrix.FirstResponseOf(promptIndex) + own[place]);
                for (var modelIndex = 0; modelIndex < row.Length; modelIndex++)
                    packed[first + (modelIndex * own.Length) + place] = row[modelIndex];
            }
        }
    }

    /// <summary>Every response of every prompt.</summary>
    public static PackedPrompts AllOf(RewardMatrix matrix) => s_all.GetValue(matrix, rewards => new PackedPrompts(rewards));

    /// <summary>Only the responses that a noise-free user may choose; see <see cref="Contenders"/>.</summary>
    public static PackedPrompts ContendersOf(RewardMatrix matrix, ParallelOptions options) =>
        s_contenders.GetValue(matrix, rewards => new PackedPrompts(rewards, Contenders.Of(rewards, options)));

    public int Models { get; }

    public int PromptCount => starts.Length - 1;

    /// <summary>The responses of a prompt that can be chosen, ascending.</summary>
    public ReadOnlySpan<int> CandidatesOf(int promptIndex) => candidates.AsSpan(starts[promptIndex]..starts[promptIndex + 1]);

    /// <summary>Place of a prompt's first candidate among the candidates of all prompts.</summary>
    public int FirstCandidateOf(int promptIndex) => starts[promptIndex];

    /// <summary>The first reward of a prompt.</summary>
    public ref float this[int promptIndex] => ref rewards[starts[promptIndex] * Models];
}
