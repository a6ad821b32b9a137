using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Runs a kernel for users with choice noise over all prompts whose responses fit into registers.</summary>
/// <remarks>
/// What <see cref="ChoiceModel"/> decides in float64 is nearly always clear in float32 already. A lane holds β·u + g with an error of at most
/// ε = e + (β·Z + 24)·2⁻²³: e is the error of <see cref="GumbelLanes{TLanes, TFloats, TInts}"/>, 2⁻²⁴ goes to rounding β and 2⁻²⁴ to rounding the sum, Z bounds the utilities and 24 the
/// noise. Two numbers further apart than 2ε are in the same order in float64. Lanes where two that matter are closer, a few in ten thousand, are silent and
/// asked of the choice model itself. So the counts are its counts at every width.
/// </remarks>
internal sealed class NoisyRunner(RewardMatrix rewards, ChoiceModel choice, LaneWidth width)
{
    private const int PromptsPerTask = 16;

    // Beyond these, float32 might overflow.
    private const double LargestScaledUtility = 1e30;

    private const double RoundingError = 1.0 / (1 << 23);

    private readonly int[] keys = Philox.RoundKeys(choice.Seed, 0);
    private readonly PackedPrompts prompts = PackedPrompts.AllOf(rewards);

    /// <summary>Prompts with more responses than fit into registers, or rewards too large for float32 sums: they are left out.</summary>
    public int[] PromptsLeftOut { get; } =
        [.. Enumerable.Range(0, rewards.PromptCount).Where(promptIndex =>
            rewards.ResponseCountOf(promptIndex) > PromptRunner.MostCandidates || !(ScaledUtilityOf(rewards, choice, promptIndex) < LargestScaledUtility))];

    /// <param name="users">A block.</param>
    /// <param name="sink">Called once per prompt, by several threads.</param>
    /// <param name="options">Threads and cancellation.</param>
    public void Run<TKernel>(SimulatedUsers users, PromptRunner.Sink sink, ParallelOptions options)
        where TKernel : INoisyKernel
    {
        var packed = new PackedUsers(users, width, options);
        var isLeftOut = new bool[rewards.PromptCount];
        foreach (var promptIndex in PromptsLeftOut)
            isLeftOut[promptIndex] = true;
        Parallel.For(0, (rewards.PromptCount + PromptsPerTask - 1) / PromptsPerTask, options, task =>
        {
            Span<int> counts = stackalloc int[TKernel.CountsOf(PromptRunner.MostCandidates)];
            for (var promptIndex = task * PromptsPerTask; promptIndex < Math.Min(rewards.PromptCount, (task + 1) * PromptsPerTask); promptIndex++)
            {
                if (isLeftOut[promptIndex])
                    continue;
                options.CancellationToken.ThrowIfCancellationRequested();
                var candidates = prompts.CandidatesOf(promptIndex);
                var own = counts[..TKernel.CountsOf(candidates.Length)];
                own.Clear();
                switch (width)
                {
                    case LaneWidth.Bits512:
                        Run<TKernel, Lanes512, Vector512<float>, Vector512<int>>(packed, promptIndex, own);
                        break;
                    case LaneWidth.Bits256:
                        Run<TKernel, Lanes256, Vector256<float>, Vector256<int>>(packed, promptIndex, own);
                        break;
                    default:
                        Run<TKernel, Lanes128, Vector128<float>, Vector128<int>>(packed, promptIndex, own);
                        break;
                }
                sink(promptIndex, candidates, own);
            }
        });
    }

    private void Run<TKernel, TLanes, TFloats, TInts>(PackedUsers users, int promptIndex, Span<int> counts)
        where TKernel : INoisyKernel
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        switch (rewards.ResponseCountOf(promptIndex))
        {
            case 1:
                for (var userIndex = 0; userIndex < users.Users; userIndex++)
                    TKernel.AddExactly([0], counts);
                break;
            case 2: Add<TKernel, TLanes, TFloats, TInts, Two>(users, promptIndex, counts); break;
            case 3: Add<TKernel, TLanes, TFloats, TInts, Three>(users, promptIndex, counts); break;
            case 4: Add<TKernel, TLanes, TFloats, TInts, Four>(users, promptIndex, counts); break;
            case 5: Add<TKernel, TLanes, TFloats, TInts, Five>(users, promptIndex, counts); break;
            case 6: Add<TKernel, TLanes, TFloats, TInts, Six>(users, promptIndex, counts); break;
            case 7: Add<TKernel, TLanes, TFloats, TInts, Seven>(users, promptIndex, counts); break;
            default: Add<TKernel, TLanes, TFloats, TInts, Eight>(users, promptIndex, counts); break;
        }
    }

    private void Add<TKernel, TLanes, TFloats, TInts, TCandidates>(PackedUsers users, int promptIndex, Span<int> counts)
        where TKernel : INoisyKernel
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates
    {
        const int RowsPerBlock = GumbelLanes<TLanes, TFloats, TInts>.RowsPerBlock;
        Span<TFloats> noise = stackalloc TFloats[PromptRunner.MostCandidates + RowsPerBlock];
        Span<TInts> verdicts = stackalloc TInts[users.GroupsPerTile];
        var firstRow = rewards.FirstResponseOf(promptIndex);
        var firstBlock = firstRow / RowsPerBlock;
        var lastBlock = (firstRow + TCandidates.Count - 1) / RowsPerBlock;
        var own = noise.Slice(firstRow % RowsPerBlock, TCandidates.Count);
        var scaledUtility = ScaledUtilityOf(rewards, choice, promptIndex);
        var clearDistance = TLanes.Broadcast((float)(2 * (GumbelLanes<TLanes, TFloats, TInts>.LargestError + ((scaledUtility + 24) * RoundingError))));
        var inverseTemperature = TLanes.Broadcast((float)choice.InverseTemperature);
        for (var tile = 0; tile < users.Tiles; tile++)
        {
            var groups = users.GroupsOf(tile);
            var silent = 0;
            for (var place = 0; place < groups; place++)
            {
                var group = (tile * users.GroupsPerTile) + place;
                for (var block = firstBlock; block <= lastBlock; block++)
                    GumbelLanes<TLanes, TFloats, TInts>.Fill(
                        TLanes.Load(in users.DrawsOf(group)), (uint)block, keys, ref noise[(block - firstBlock) * RowsPerBlock]);
                UtilityLanes<TLanes, TFloats, TInts>.Compute<TCandidates>(
                    ref prompts[promptIndex], prompts.Models, ref users[group], out var u0, out var u1, out var u2, out var u3, out var u4, out var u5, out var u6, out var u7);
                Perturb<TLanes, TFloats, TInts>(0, ref u0, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(1, ref u1, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(2, ref u2, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(3, ref u3, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(4, ref u4, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(5, ref u5, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(6, ref u6, inverseTemperature, own);
                Perturb<TLanes, TFloats, TInts>(7, ref u7, inverseTemperature, own);
                var verdict = TKernel.Judge<TLanes, TFloats, TInts, TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out var distance);
                var inUse = TLanes.Load(in users.InUse(group));
                var isClear = TLanes.And(TLanes.Above(distance, clearDistance), inUse);
                verdicts[place] = TLanes.And(verdict, isClear);
                silent += TLanes.Count - BitOperations.PopCount(TLanes.HighestBits(isClear));
                for (var doubtful = TLanes.HighestBits(TLanes.AndNot(inUse, isClear)); doubtful != 0; doubtful &= doubtful - 1)
                    AddExactly<TKernel>(users, promptIndex, group, BitOperations.TrailingZeroCount(doubtful), counts);
            }
            TKernel.Count<TLanes, TFloats, TInts, TCandidates>(verdicts[..groups], silent, counts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Perturb<TLanes, TFloats, TInts>(int candidate, ref TFloats utility, TFloats inverseTemperature, Span<TFloats> noise)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
    {
        if (candidate < noise.Length)
            utility = TLanes.MultiplyAdd(utility, inverseTemperature, noise[candidate]);
    }

    /// <summary>Asks the choice model about one user.</summary>
    private void AddExactly<TKernel>(PackedUsers users, int promptIndex, int group, int lane, Span<int> counts)
        where TKernel : INoisyKernel
    {
        Span<float> utilities = stackalloc float[PromptRunner.MostCandidates];
        Span<double> perturbed = stackalloc double[PromptRunner.MostCandidates];
        Span<float> weights = stackalloc float[prompts.Models];
        for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
            weights[modelIndex] = Unsafe.Add(ref users[group], (modelIndex * width.LanesOf()) + lane);
        var responses = rewards.ResponseCountOf(promptIndex);
        Utility.Compute(rewards.RowsOf(promptIndex), weights, utilities[..responses]);
        choice.Perturb(utilities[..responses], Unsafe.Add(ref users.DrawsOf(group), lane), rewards.FirstResponseOf(promptIndex), perturbed[..responses]);
        TKernel.AddExactly(perturbed[..responses], counts);
    }

    /// <summary>β·Z, Z twice the largest reward of the prompt: more than anybody's utility, whose weights sum to 1.</summary>
    private static double ScaledUtilityOf(RewardMatrix rewards, ChoiceModel choice, int promptIndex) =>
        choice.InverseTemperature * 2 * Math.Abs((double)TensorPrimitives.MaxMagnitude(rewards.RowsOf(promptIndex)));
}
