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
internal readonly struct FirstChoiceCounts : IPromptKernel, INoisyKernel
{
    public static int CountsOf(int candidates) => candidates;

    public static void Add<TLanes, TFloats, TInts>(ref float rewards, int models, ref float weights, int groups, int candidates, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged =>
        FirstChoiceKernel<TLanes, TFloats, TInts>.Add(ref rewards, models, ref weights, groups, counts);

    // Utility 0 everywhere: the first is chosen.
    public static void RemoveEmptyLanes(int emptyLanes, int candidates, Span<int> counts) => counts[0] -= emptyLanes;

    public static TInts Judge<TLanes, TFloats, TInts, TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        FirstChoiceKernel<TLanes, TFloats, TInts>.Judge<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out distance);

    public static void Count<TLanes, TFloats, TInts, TCandidates>(ReadOnlySpan<TInts> verdicts, int silent, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        FirstChoiceKernel<TLanes, TFloats, TInts>.Count<TCandidates>(verdicts, silent, counts);

    public static void AddExactly(ReadOnlySpan<double> perturbed, Span<int> counts)
    {
        var best = 0;
        for (var response = 1; response < perturbed.Length; response++)
            if (perturbed[response] > perturbed[best])
                best = response;
        counts[best]++;
    }
}

/// <summary>[candidates × ranks]: users who put it there.</summary>
internal readonly struct RankHistogram : IPromptKernel, INoisyKernel
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

    public static TInts Judge<TLanes, TFloats, TInts, TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        RankKernel<TLanes, TFloats, TInts>.Judge<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out distance);

    public static void Count<TLanes, TFloats, TInts, TCandidates>(ReadOnlySpan<TInts> verdicts, int silent, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        RankKernel<TLanes, TFloats, TInts>.Count<TCandidates>(verdicts, silent, counts);

    public static void AddExactly(ReadOnlySpan<double> perturbed, Span<int> counts)
    {
        for (var response = 0; response < perturbed.Length; response++)
        {
            var above = 0;
            for (var other = 0; other < perturbed.Length; other++)
                above += perturbed[other] > perturbed[response] || (perturbed[other] == perturbed[response] && other < response) ? 1 : 0;
            counts[(response * perturbed.Length) + above]++;
        }
    }
}

/// <summary>[candidates × candidates]: users who put the row strictly above the column.</summary>
internal readonly struct PairWins : IPromptKernel, INoisyKernel
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

    public static TInts Judge<TLanes, TFloats, TInts, TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        PairKernel<TLanes, TFloats, TInts>.Judge<TCandidates>(u0, u1, u2, u3, u4, u5, u6, u7, out distance);

    public static void Count<TLanes, TFloats, TInts, TCandidates>(ReadOnlySpan<TInts> verdicts, int silent, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates =>
        PairKernel<TLanes, TFloats, TInts>.Count<TCandidates>(verdicts, silent, counts);

    public static void AddExactly(ReadOnlySpan<double> perturbed, Span<int> counts)
    {
        for (var a = 0; a < perturbed.Length; a++)
        {
            // Added without a branch: which of two responses a noisy user prefers is what no processor can predict.
            var aboveA = counts.Slice(a * perturbed.Length, perturbed.Length);
            for (var b = 0; b < aboveA.Length; b++)
                aboveA[b] += perturbed[a] > perturbed[b] ? 1 : 0;
        }
    }
}
