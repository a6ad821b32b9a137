namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Weights as [groups][reward models][lanes], float32, one user per lane; lanes beyond the last user hold zeros.</summary>
internal sealed class PackedUsers
{
    /// <summary>
    /// Users whose weights stay in the first-level cache while the prompts of a task pass by (10 reward models: 18 KiB): a multiple of
    /// what the counters of the kernels hold at the widest lanes, and not more than the bytes they are emptied into hold at the narrowest.
    /// </summary>
    public const int UsersPerTile = 448;

    private readonly AlignedArray<float> weights;
    private readonly AlignedArray<int> draws;
    private readonly AlignedArray<int> inUse;
    private readonly int models;
    private readonly int lanes;

    public PackedUsers(SimulatedUsers users, LaneWidth width, ParallelOptions options)
    {
        models = users.RewardModelCount;
        lanes = width.LanesOf();
        Users = users.Count;
        Groups = (Users + lanes - 1) / lanes;
        weights = new AlignedArray<float>(Groups * lanes * models);
        draws = new AlignedArray<int>(Groups * lanes);
        inUse = new AlignedArray<int>(Groups * lanes);
        inUse.Span[..Users].Fill(-1);
        Parallel.For(0, Tiles, options, tile =>
        {
            var packed = weights.Span;
            for (var userIndex = tile * UsersPerTile; userIndex < Math.Min(Users, (tile + 1) * UsersPerTile); userIndex++)
            {
                draws[userIndex] = users.DrawOf(userIndex);
                var own = users.WeightsOf(userIndex);
                var place = (userIndex / lanes * lanes * models) + (userIndex % lanes);
                for (var modelIndex = 0; modelIndex < own.Length; modelIndex++)
                    packed[place + (modelIndex * lanes)] = (float)own[modelIndex];
            }
        });
    }

    public int Users { get; }

    public int Groups { get; }

    public int Tiles => (Users + UsersPerTile - 1) / UsersPerTile;

    /// <summary>Lanes without a user; all of them are in the last group.</summary>
    public int EmptyLanes => (Groups * lanes) - Users;

    public int GroupsPerTile => UsersPerTile / lanes;

    public int GroupsOf(int tile) => Math.Min(GroupsPerTile, Groups - (tile * GroupsPerTile));

    /// <summary>Which draws the users of a group are, [lanes], the first of them.</summary>
    public ref int DrawsOf(int group) => ref draws[group * lanes];

    /// <summary>All bits in the lanes of a group that hold a user, [lanes], the first of them.</summary>
    public ref int InUse(int group) => ref inUse[group * lanes];

    /// <summary>The first weight of a group.</summary>
    public ref float this[int group] => ref weights[group * lanes * models];
}
