using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Rankings as bits: for every pair of responses a &lt; b of a prompt, whether a user puts b strictly above a. Two users' rankings of a
/// prompt differ in as many bits as they order pairs differently.
/// </summary>
internal sealed class PairBits(RewardMatrix rewards, SimulatedUsers users, LaneWidth width, ParallelOptions options)
{
    // Of prompts whose words are written side by side, so that a user's row receives whole cache lines.
    private const int PromptsPerPass = 16;

    private readonly PackedPrompts prompts = PackedPrompts.AllOf(rewards);
    private readonly PackedUsers packed = new(users, width, options);
    private readonly ChoiceModel choice = new(users.Spec);

    /// <summary>How many words the pairs of so many responses take.</summary>
    public static int WordsOf(int responses) => ((responses * (responses - 1) / 2) + 31) / 32;

    /// <summary>Rows of all users for some prompts: [users][wordsPerRow], the words of a prompt side by side.</summary>
    /// <param name="promptIndexes">All with the same number of responses, at least 2.</param>
    /// <param name="wordsPerRow">At least enough; what is beyond the last prompt is left as it is.</param>
    /// <param name="rows">Overwritten.</param>
    public void Write(ReadOnlyMemory<int> promptIndexes, int wordsPerRow, AlignedArray<uint> rows)
    {
        var responses = rewards.ResponseCountOf(promptIndexes.Span[0]);
        if (choice.IsNoiseFree && responses <= PromptRunner.MostCandidates)
            Parallel.For(0, packed.Groups, options, group =>
            {
                switch (width)
                {
                    case LaneWidth.Bits512:
                        WriteGroup<Lanes512, Vector512<float>, Vector512<int>>(promptIndexes.Span, responses, group, wordsPerRow, rows);
                        break;
                    case LaneWidth.Bits256:
                        WriteGroup<Lanes256, Vector256<float>, Vector256<int>>(promptIndexes.Span, responses, group, wordsPerRow, rows);
                        break;
                    default:
                        WriteGroup<Lanes128, Vector128<float>, Vector128<int>>(promptIndexes.Span, responses, group, wordsPerRow, rows);
                        break;
                }
            });
        else
            Parallel.For(0, users.Count, options, userIndex => WriteUser(promptIndexes.Span, responses, userIndex, rows.Span.Slice(userIndex * wordsPerRow, wordsPerRow)));
    }

    private void WriteGroup<TLanes, TFloats, TInts>(ReadOnlySpan<int> promptIndexes, int responses, int group, int wordsPerRow, AlignedArray<uint> rows)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        Span<int> words = stackalloc int[PromptsPerPass * TLanes.Count];
        var firstUser = group * TLanes.Count;
        var ownUsers = Math.Min(TLanes.Count, users.Count - firstUser);
        for (var first = 0; first < promptIndexes.Length; first += PromptsPerPass)
        {
            var pass = promptIndexes[first..Math.Min(promptIndexes.Length, first + PromptsPerPass)];
            for (var place = 0; place < pass.Length; place++)
                PairKernel<TLanes, TFloats, TInts>.Store(
                    ref prompts[pass[place]], prompts.Models, ref packed[group], responses, ref words[place * TLanes.Count]);
            for (var lane = 0; lane < ownUsers; lane++)
            {
                var row = rows.Span.Slice(((firstUser + lane) * wordsPerRow) + first, pass.Length);
                for (var place = 0; place < row.Length; place++)
                    row[place] = (uint)words[(place * TLanes.Count) + lane];
            }
        }
    }

    private void WriteUser(ReadOnlySpan<int> promptIndexes, int responses, int userIndex, Span<uint> row)
    {
        var weights = Array.ConvertAll(users.WeightsOf(userIndex).ToArray(), weight => (float)weight);
        var utilities = new float[responses];
        var perturbed = new double[responses];
        var words = WordsOf(responses);
        row[..(promptIndexes.Length * words)].Clear();
        for (var place = 0; place < promptIndexes.Length; place++)
        {
            var promptIndex = promptIndexes[place];
            Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities);
            choice.Perturb(utilities, users.DrawOf(userIndex), rewards.FirstResponseOf(promptIndex), perturbed);
            var pair = 0;
            for (var a = 0; a < responses; a++)
                for (var b = a + 1; b < responses; b++, pair++)
                    if (perturbed[b] > perturbed[a])
                        row[(place * words) + (pair >> 5)] |= 1u << (pair & 31);
        }
    }
}
