namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Counts something about one tile of noise-free users on one prompt.</summary>
internal interface IPromptKernel
{
    /// <summary>How many numbers are counted among so many candidates.</summary>
    static abstract int CountsOf(int candidates);

    /// <param name="rewards">[reward models][candidates].</param>
    /// <param name="models">How many reward models.</param>
    /// <param name="weights">[groups][reward models][lanes].</param>
    /// <param name="groups">At most a tile of them.</param>
    /// <param name="candidates">1 to <see cref="PromptRunner.MostCandidates"/>.</param>
    /// <param name="counts">Added to; what the zero weights of empty lanes add is taken out by <see cref="RemoveEmptyLanes"/>.</param>
    static abstract void Add<TLanes, TFloats, TInts>(
        ref float rewards, int models, ref float weights, int groups, int candidates, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged;

    static abstract void RemoveEmptyLanes(int emptyLanes, int candidates, Span<int> counts);
}

/// <summary>[candidates]: users who choose it.</summary>
internal readonly struct FirstChoiceCounts : IPromptKernel
{
    public static int CountsOf(int candidates) => candidates;

    public static void Add<TLanes, TFloats, TInts>(ref float rewards, int models, ref float weights, int groups, int candidates, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged =>
        FirstChoiceKernel<TLanes, TFloats, TInts>.Add(ref rewards, models, ref weights, groups, counts);

    // Utility 0 everywhere: the first is chosen.
    public static void RemoveEmptyLanes(int emptyLanes, int candidates, Span<int> counts) => counts[0] -= emptyLanes;
}

/// <summary>[candidates × ranks]: users who put it there.</summary>
internal readonly struct RankHistogram : IPromptKernel
{
    public static int CountsOf(int candidates) => candidates * candidates;

    public static void Add<TLanes, TFloats, TInts>(ref float rewards, int models, ref float weights, int groups, int candidates, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged =>
        RankKernel<TLanes, TFloats, TInts>.Add(ref rewards, models, ref weights, groups, candidates, counts);

    // Utility 0 everywhere: the order of the candidates is kept.
    public static void RemoveEmptyLanes(int emptyLanes, int candidates, Span<int> counts)
    {
        for (var candidate = 0; candidate < candidates; candidate++)
            counts[(candidate * candidates) + candidate] -= emptyLanes;
    }
}

/// <summary>[candidates × candidates]: users who put the row strictly above the column.</summary>
internal readonly struct PairWins : IPromptKernel
{
    public static int CountsOf(int candidates) => candidates * candidates;

    public static void Add<TLanes, TFloats, TInts>(ref float rewards, int models, ref float weights, int groups, int candidates, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged =>
        PairKernel<TLanes, TFloats, TInts>.Add(ref rewards, models, ref weights, groups, candidates, counts);

    // Utility 0 everywhere: nothing is strictly above anything.
    public static void RemoveEmptyLanes(int emptyLanes, int candidates, Span<int> counts)
    {
    }
}
