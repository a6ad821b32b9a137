using System.Runtime.Intrinsics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Runs a kernel for noise-free users over all prompts whose candidates fit into registers, block after block of users.</summary>
/// <remarks>Each prompt belongs to one worker at a time: there is nothing to merge, and the counts do not depend on the number of threads.</remarks>
internal sealed class PromptRunner
{
    public const int MostCandidates = 8;

    private const int PromptsPerTask = 32;

    private readonly PackedPrompts prompts;
    private readonly LaneWidth width;

    public PromptRunner(PackedPrompts prompts, LaneWidth width)
    {
        this.prompts = prompts;
        this.width = width;
        PromptsOfManyCandidates =
            [.. Enumerable.Range(0, prompts.PromptCount).Where(promptIndex => prompts.CandidatesOf(promptIndex).Length > MostCandidates)];
    }

    /// <summary>Takes the counts of one prompt and one block of users.</summary>
    public delegate void Sink(int promptIndex, ReadOnlySpan<int> candidates, ReadOnlySpan<int> counts);

    /// <summary>Prompts with more candidates than fit into registers: they are left out.</summary>
    public int[] PromptsOfManyCandidates { get; }

    /// <param name="users">A block.</param>
    /// <param name="sink">Called once per prompt, by several threads.</param>
    /// <param name="options">Threads and cancellation.</param>
    public void Run<TKernel>(SimulatedUsers users, Sink sink, ParallelOptions options)
        where TKernel : IPromptKernel
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
                    Run<TKernel, Lanes512, Vector512<float>, Vector512<int>>(packed, first, beyond, sink);
                    break;
                case LaneWidth.Bits256:
                    Run<TKernel, Lanes256, Vector256<float>, Vector256<int>>(packed, first, beyond, sink);
                    break;
                default:
                    Run<TKernel, Lanes128, Vector128<float>, Vector128<int>>(packed, first, beyond, sink);
                    break;
            }
        });
    }

    private void Run<TKernel, TLanes, TFloats, TInts>(PackedUsers users, int first, int beyond, Sink sink)
        where TKernel : IPromptKernel
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        var stride = TKernel.CountsOf(MostCandidates);
        Span<int> counts = stackalloc int[PromptsPerTask * stride];
        counts.Clear();
        for (var tile = 0; tile < users.Tiles; tile++)
            for (var promptIndex = first; promptIndex < beyond; promptIndex++)
                if (prompts.CandidatesOf(promptIndex).Length is var candidates and <= MostCandidates)
                    TKernel.Add<TLanes, TFloats, TInts>(
                        ref prompts[promptIndex], prompts.Models, ref users[tile * users.GroupsPerTile], users.GroupsOf(tile), candidates,
                        counts.Slice((promptIndex - first) * stride, TKernel.CountsOf(candidates)));
        for (var promptIndex = first; promptIndex < beyond; promptIndex++)
        {
            var candidates = prompts.CandidatesOf(promptIndex);
            if (candidates.Length > MostCandidates)
                continue;
            var own = counts.Slice((promptIndex - first) * stride, TKernel.CountsOf(candidates.Length));
            TKernel.RemoveEmptyLanes(users.EmptyLanes, candidates.Length, own);
            sink(promptIndex, candidates, own);
        }
    }
}
