using System.Collections.Concurrent;
using PersonalLlm.Engine.Population.Kernels;

namespace PersonalLlm.Engine.Population;

/// <summary>Draws simulated users: w ~ Dirichlet(α₁, …, α_K) over the reward models.</summary>
public static class PopulationSampler
{
    private const int UsersPerTask = 1024;

    /// <summary>The whole population of a specification.</summary>
    /// <exception cref="ArgumentException">The specification cannot be drawn from, or the generator underflows at this concentration.</exception>
    public static SimulatedUsers Sample(PopulationSpec spec, CancellationToken cancellationToken = default) =>
        WithoutNearDuplicates(Sample(spec, 0, spec.Users, cancellationToken), cancellationToken);

    /// <summary>
    /// Draws <paramref name="from"/> up to, not including, <paramref name="to"/>: the same rows as in the whole population. Nobody is dropped
    /// here for being near another user: that can only be decided with all the earlier ones.
    /// </summary>
    /// <exception cref="ArgumentException">As <see cref="Sample(PopulationSpec, CancellationToken)"/>, or the block lies outside the population.</exception>
    public static SimulatedUsers Sample(PopulationSpec spec, int from, int to, CancellationToken cancellationToken = default)
    {
        Refuse(spec);
        if (from < 0 || to < from || to > spec.Users)
            throw new ArgumentException($"Users [{from}, {to}) are outside a population of {spec.Users}.");
        var models = spec.RewardModels.Count;
        if ((long)(to - from) * models > Array.MaxLength)
            throw new ArgumentException($"{to - from} users × {models} reward models are too many to hold at once; sample them in blocks.");
        var weights = GC.AllocateUninitializedArray<double>((to - from) * models);
        if (spec.Generator == WeightGenerator.Native)
            SampleNative(spec, from, weights, [], cancellationToken);
        else
            SampleNumpyLegacy(spec, new NumpyLegacyRandom(spec.Seed), 0, from, weights, cancellationToken);
        return new SimulatedUsers(spec, from, weights);
    }

    /// <summary>
    /// The whole population, a block of users at a time, in order: memory does not grow with the number of users. Where near users are
    /// dropped, it grows with those who stay, and a block holds those of its draws who stay.
    /// </summary>
    /// <remarks>A block's memory becomes the next block's: use it, or copy from it, before going on.</remarks>
    /// <exception cref="ArgumentException">As <see cref="Sample(PopulationSpec, CancellationToken)"/>.</exception>
    public static IEnumerable<SimulatedUsers> SampleBlocks(PopulationSpec spec, int usersPerBlock, CancellationToken cancellationToken = default)
    {
        Refuse(spec);
        ArgumentOutOfRangeException.ThrowIfLessThan(usersPerBlock, 1);
        return Blocks();

        IEnumerable<SimulatedUsers> Blocks()
        {
            var keeper = spec.SmallestDistance is { } distance ? new NearDuplicates.Keeper(spec.RewardModels.Count, distance) : null;
            var models = spec.RewardModels.Count;
            var random = spec.Generator == WeightGenerator.NumpyLegacy ? new NumpyLegacyRandom(spec.Seed) : null;
            var idle = new ConcurrentBag<DirichletLanes>();
            var weights = Array.Empty<double>();
            for (var from = 0; from < spec.Users;)
            {
                var to = from + Math.Min(usersPerBlock, spec.Users - from);
                if (weights.Length != (to - from) * models)
                    weights = new double[(to - from) * models];
                if (random is null)
                    SampleNative(spec, from, weights, idle, cancellationToken);
                else
                    SampleNumpyLegacy(spec, random, from, from, weights, cancellationToken);
                var block = new SimulatedUsers(spec, from, weights);
                if (keeper is not null)
                    block = block.Only(keeper.Keep(block, new ParallelOptions { CancellationToken = cancellationToken }));
                if (block.Count > 0)
                    yield return block;
                from = to;
            }
        }
    }

    private static SimulatedUsers WithoutNearDuplicates(SimulatedUsers users, CancellationToken cancellationToken) =>
        users.Spec.SmallestDistance is { } distance
            ? users.Only(NearDuplicates.Keep(users, distance, cancellationToken: cancellationToken))
            : users;

    private static void Refuse(PopulationSpec spec)
    {
        if (spec.FindProblem() is { } problem)
            throw new ArgumentException(problem, nameof(spec));
    }

    private static void SampleNative(
        PopulationSpec spec, int from, double[] weights, ConcurrentBag<DirichletLanes> idle, CancellationToken cancellationToken)
    {
        var models = spec.RewardModels.Count;
        var users = weights.Length / models;
        var tasks = (users + UsersPerTask - 1) / UsersPerTask;
        Parallel.For(
            0,
            tasks,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => idle.TryTake(out var lanes) ? lanes : new DirichletLanes(models, spec.Concentration, spec.Seed),
            (task, _, lanes) =>
            {
                var last = Math.Min(users, (task + 1) * UsersPerTask);
                for (var place = task * UsersPerTask; place < last; place += lanes.UsersPerTurn)
                    lanes.Draw(from + place, weights.AsSpan(place * models, Math.Min(lanes.UsersPerTurn, last - place) * models));
                return lanes;
            },
            idle.Add);
    }

    private static void SampleNumpyLegacy(
        PopulationSpec spec, NumpyLegacyRandom random, int next, int from, double[] weights, CancellationToken cancellationToken)
    {
        var models = spec.RewardModels.Count;
        Span<double> skipped = new double[models];
        // One sequence for everybody: a block can only be reached by drawing all users before it.
        for (var userIndex = next; userIndex < from + (weights.Length / models); userIndex++)
        {
            if (userIndex % UsersPerTask == 0)
                cancellationToken.ThrowIfCancellationRequested();
            var row = userIndex < from ? skipped : weights.AsSpan((userIndex - from) * models, models);
            random.NextDirichlet(spec.Concentration, row);
            if (double.IsNaN(row[0]))
                throw new ArgumentException(
                    $"NumPy's generator underflows at concentration {spec.Concentration}: all weights of user {userIndex} are 0. Use the native generator.");
        }
    }
}
