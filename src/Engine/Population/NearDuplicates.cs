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
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var kept = new KeptUsers(users, threshold);
        var isRepeated = new bool[UsersPerBatch];
        for (var first = 0; first < users.Count; first += UsersPerBatch)
        {
            // Those of a batch are compared with all before it at once, then with one another in order.
            var count = Math.Min(UsersPerBatch, users.Count - first);
            var earlier = kept.Count;
            Parallel.For(0, (count + UsersPerTask - 1) / UsersPerTask, options, task =>
            {
                for (var place = task * UsersPerTask; place < Math.Min(count, (task + 1) * UsersPerTask); place++)
                    isRepeated[place] = kept.HasOneNear(first + place, 0);
            });
            for (var place = 0; place < count; place++)
                if (!isRepeated[place] && !kept.HasOneNear(first + place, earlier))
                    kept.Add(first + place);
        }
        return kept.Indexes;
    }

    /// <summary>Kept users as [groups][reward models and −½‖w‖²][lanes], float32: x·w − ½‖w‖² is large exactly where w is near x.</summary>
    private sealed class KeptUsers(SimulatedUsers users, double threshold)
    {
        private static readonly int s_lanes = Vector512<float>.Count;

        private readonly int rows = users.RewardModelCount + 1;

        // Far above what float32 loses in the sum: candidates are decided in float64.
        private readonly double slack = 1e-6 * users.RewardModelCount;
        private readonly List<int> indexes = [];
        private AlignedArray<float> packed = new(64 * (users.RewardModelCount + 1) * s_lanes);

        public int Count => indexes.Count;

        public int[] Indexes => [.. indexes];

        public void Add(int userIndex)
        {
            var group = indexes.Count / s_lanes * rows * s_lanes;
            var lane = indexes.Count % s_lanes;
            if (group + (rows * s_lanes) > packed.Length)
            {
                var larger = new AlignedArray<float>(packed.Length * 2);
                packed.Span.CopyTo(larger.Span);
                packed = larger;
            }
            var weights = users.WeightsOf(userIndex);
            for (var modelIndex = 0; modelIndex < weights.Length; modelIndex++)
                packed[group + (modelIndex * s_lanes) + lane] = (float)weights[modelIndex];
            packed[group + (weights.Length * s_lanes) + lane] = (float)(-0.5 * SquaredNorm(weights));
            indexes.Add(userIndex);
        }

        /// <summary>Whether one of the kept users, from the one at <paramref name="from"/> on, is nearer than the threshold.</summary>
        public bool HasOneNear(int userIndex, int from)
        {
            var own = users.WeightsOf(userIndex);
            // ‖x − w‖² < t² where x·w − ½‖w‖² > ½(‖x‖² − t²).
            var bound = Vector512.Create((float)((0.5 * (SquaredNorm(own) - (threshold * threshold))) - slack));
            Span<float> x = stackalloc float[own.Length <= 64 ? own.Length : 0];
            if (x.Length < own.Length)
                x = new float[own.Length];
            for (var modelIndex = 0; modelIndex < own.Length; modelIndex++)
                x[modelIndex] = (float)own[modelIndex];
            for (var group = from / s_lanes; group * s_lanes < indexes.Count; group++)
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
            if (place >= indexes.Count)
                return false;
            var other = users.WeightsOf(indexes[place]);
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
