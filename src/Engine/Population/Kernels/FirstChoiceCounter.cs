using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Adds up the first choices of noise-free users, block after block of them.</summary>
/// <remarks>Each prompt belongs to one worker at a time: there is nothing to merge, and the counts do not depend on the number of threads.</remarks>
internal sealed class FirstChoiceCounter
{
    private const int MostCandidates = 8;
    private const int PromptsPerTask = 32;

    private readonly RewardMatrix rewards;
    private readonly PackedPrompts prompts;
    private readonly LaneWidth width;

    public FirstChoiceCounter(RewardMatrix rewards, LaneWidth width)
    {
        this.rewards = rewards;
        this.width = width;
        prompts = new PackedPrompts(rewards);
        PromptsOfManyCandidates =
            [.. Enumerable.Range(0, prompts.PromptCount).Where(promptIndex => prompts.CandidatesOf(promptIndex).Length > MostCandidates)];
    }

    /// <summary>Prompts with more candidates than fit into registers; <see cref="Add"/> leaves them out.</summary>
    public int[] PromptsOfManyCandidates { get; }

    /// <param name="users">A block.</param>
    /// <param name="votes">[responses]; added to.</param>
    /// <param name="options">Threads and cancellation.</param>
    public void Add(SimulatedUsers users, double[] votes, ParallelOptions options)
    {
        var packed = new PackedUsers(users, width, options);
        var tasks = (prompts.PromptCount + PromptsPerTask - 1) / PromptsPerTask;
        Parallel.For(0, tasks, options, task =>
        {
            var first = task * PromptsPerTask;
            var beyond = Math.Min(prompts.PromptCount, first + PromptsPerTask);
            switch (width)
            {
                case LaneWidth.Bits512:
                    AddPrompts<Lanes512, Vector512<float>, Vector512<int>>(packed, first, beyond, votes);
                    break;
                case LaneWidth.Bits256:
                    AddPrompts<Lanes256, Vector256<float>, Vector256<int>>(packed, first, beyond, votes);
                    break;
                default:
                    AddPrompts<Lanes128, Vector128<float>, Vector128<int>>(packed, first, beyond, votes);
                    break;
            }
        });
    }

    private void AddPrompts<TLanes, TFloats, TInts>(PackedUsers users, int first, int beyond, double[] votes)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : struct
        where TInts : struct
    {
        Span<int> counts = stackalloc int[PromptsPerTask * MostCandidates];
        counts.Clear();
        for (var tile = 0; tile < users.Tiles; tile++)
            for (var promptIndex = first; promptIndex < beyond; promptIndex++)
                if (prompts.CandidatesOf(promptIndex).Length is var candidates and <= MostCandidates)
                    FirstChoiceKernel<TLanes, TFloats, TInts>.Add(
                        ref prompts[promptIndex], prompts.Models, ref users[tile * users.GroupsPerTile], users.GroupsOf(tile),
                        counts.Slice((promptIndex - first) * MostCandidates, candidates));
        for (var promptIndex = first; promptIndex < beyond; promptIndex++)
        {
            var candidates = prompts.CandidatesOf(promptIndex);
            if (candidates.Length > MostCandidates)
                continue;
            var own = counts.Slice((promptIndex - first) * MostCandidates, candidates.Length);
            // Empty lanes have utility 0 everywhere and so chose the first candidate.
            own[0] -= users.EmptyLanes;
            for (var place = 0; place < own.Length; place++)
                votes[rewards.FirstResponseOf(promptIndex) + candidates[place]] += own[place];
        }
    }
}
