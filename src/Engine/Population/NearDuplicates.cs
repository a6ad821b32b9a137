using System.Numerics;
using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Population.Kernels;

namespace PersonalLlm.Engine.Population;

/// <summary>Finds simulated users whose weights nearly repeat those of an earlier user.</summary>
public static class NearDuplicates
{
    private const int UsersPerBatch = 512;
    private const int UsersPerTask = 32;

    /// <summary>
    /// Users that stay when one goes through them in order and drops everyone whose weights are closer than
    /// <paramref name="threshold"/> (‖wᵢ − wⱼ‖₂ in float64) to those of an earlier user who stayed.
    /// </summary>
    /// <param name="users">A population or a block of one.</param>
    /// <param name="threshold">Above 0; PersonalLLM's code uses 0.2. No two points of the simplex are further apart than √2.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few users.</param>
    /// <returns>Indexes within <paramref name="users"/>, ascending.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not above 0.</exception>
    public static int[] Keep(SimulatedUsers users, double threshold, int maximumThreads = -1, CancellationToken cancellationToken = default)
    {
        if (!(threshold > 0))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The distance below which users count as the same must be above 0.");
        return new Keeper(users.RewardModelCount, threshold)
            .Keep(users, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads });
    }

    /// <summary>Goes through a population block after block and remembers those who stayed, nobody else.</summary>
    internal sealed class Keeper(int models, double threshold)
    {
        private readonly KeptUsers kept = new(models, threshold);
        private readonly bool[] isRepeated = new bool[UsersPerBatch];

        /// <summary>Who of the next block stays.</summary>
        /// <returns>Indexes within the block, ascending.</returns>
        public int[] Keep(SimulatedUsers users, ParallelOptions options)
        {
            var staying = new List<int>();
            for (var first = 0; first < users.Count; first += UsersPerBatch)
            {
                // Those of a batch are compared with all before it at once, then with one another in order.
                var count = Math.Min(UsersPerBatch, users.Count - first);
                var earlier = kept.Count;
                Parallel.For(0, (count + UsersPerTask - 1) / UsersPerTask, options, task =>
                {
                    for (var place = task * UsersPerTask; place < Math.Min(count, (task + 1) * UsersPerTask); place++)
                        isRepeated[place] = kept.HasOneNear(users.WeightsOf(first + place), 0);
                });
                for (var place = 0; place < count; place++)
                {
                    if (isRepeated[place] || kept.HasOneNear(users.WeightsOf(first + place), earlier))
                        continue;
                    kept.Add(users.WeightsOf(first + place));
                    staying.Add(first + place);
                }
            }
            return [.. staying];
        }
    }

    /// <summary>Kept users as [groups][reward models and −½‖w‖²][lanes], float32: x·w − ½‖w‖² is large exactly where w is near x.</summary>
    private sealed class KeptUsers(int models, double threshold)
    {
        private static readonly int s_lanes = Vector512<float>.Count;

        private readonly int rows = models + 1;

        // Far above what float32 loses in the sum: candidates are decided in float64.
        private readonly double slack = 1e-6 * models;
        private AlignedArray<float> packed = new(64 * (models + 1) * s_lanes);

        // [kept users × reward models]
        private double[] exact = new double[64 * models];

        public int Count { get; private set; }

        public void Add(ReadOnlySpan<double> weights)
        {
            var group = Count / s_lanes * rows * s_lanes;
            var lane = Count % s_lanes;
            if (group + (rows * s_lanes) > packed.Length)
            {
                var larger = new AlignedArray<float>(packed.Length * 2);
                packed.Span.CopyTo(larger.Span);
                packed = larger;
            }
            for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
                packed[group + (modelIndex * s_lanes) + lane] = (float)weights[modelIndex];
            packed[group + (weights.Length * s_lanes) + lane] = (float)(-0.5 * SquaredNorm(weights));
            if ((Count + 1) * models > exact.Length)
                Array.Resize(ref exact, exact.Length * 2);
            weights.CopyTo(exact.AsSpan(Count * models));
            Count++;
        }

        /// <summary>Whether one of the kept users, from the one at <paramref name="from"/> on, is nearer than the threshold.</summary>
        public bool HasOneNear(ReadOnlySpan<double> own, int from)
        {
            // ‖x − w‖² < t² where x·w − ½‖w‖² > ½(‖x‖² − t²).
            var bound = Vector512.Create((float)((0.5 * (SquaredNorm(own) - (threshold * threshold))) - slack));
            Span<float> x = stackalloc float[own.Length <= 64 ? own.Length : 0];
            if (x.Length < own.Length)
                x = new float[own.Length];
            for (var modelIndex = 0; modelIndex < own.Length; modelIndex++)
                x[modelIndex] = (float)own[modelIndex];
            for (var group = from / s_lanes; group * s_lanes < Count; group++)
            {
                ref var first = ref packed[group * rows * s_lanes];
                var closeness = Vector512.LoadUnsafe(ref first, (nuint)(x.Length * s_lanes));
                for (var modelIndex = 0; modelIndex < x.Length; modelIndex++)
                    closeness = Vector512.FusedMultiplyAdd(
                        Vector512.LoadUnsafe(ref first, (nuint)(modelIndex * s_lanes)), Vector512.Create(x[modelIndex]), closeness);
                for (var near = Vector512.GreaterThan(closeness, bound).ExtractMostSignificantBits(); near != 0; near &= near - 1)
                    if (IsNear(own, (group * s_lanes) + BitOperations.TrailingZeroCount(near)))
                        return true;
            }
            return false;
        }

        private bool IsNear(ReadOnlySpan<double> own, int place)
        {
            // Lanes beyond the last user may look near to a user with small weights.
            if (place >= Count)
                return false;
            var other = exact.AsSpan(place * models, models);
            var sum = 0.0;
            for (var modelIndex = 0; modelIndex < own.Length; modelIndex++)
                sum += (other[modelIndex] - own[modelIndex]) * (other[modelIndex] - own[modelIndex]);
            return Math.Sqrt(sum) < threshold;
        }

        private static double SquaredNorm(ReadOnlySpan<double> weights)
        {
            var sum = 0.0;
            foreach (var weight in weights)
                sum += weight * weight;
            return sum;
        }
    }
}
