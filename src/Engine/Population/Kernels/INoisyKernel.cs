namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Counts something about one tile of users with choice noise on one prompt.</summary>
internal interface INoisyKernel
{
    /// <summary>How many numbers are counted among so many candidates.</summary>
    static abstract int CountsOf(int candidates);

    /// <summary>What every lane's user decides, as <see cref="Count"/> understands it, and the smallest difference that decided anything.</summary>
    static abstract TInts Judge<TLanes, TFloats, TInts, TCandidates>(
        TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7, out TFloats distance)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates;

    /// <summary>Counts what the users of a tile decided.</summary>
    /// <param name="verdicts">One per group; 0 in silent lanes.</param>
    /// <param name="silent">How many lanes have no say: those without a user, and those that are asked one by one.</param>
    /// <param name="counts">Added to.</param>
    static abstract void Count<TLanes, TFloats, TInts, TCandidates>(ReadOnlySpan<TInts> verdicts, int silent, Span<int> counts)
        where TLanes : ILanes<TFloats, TInts>
        where TFloats : unmanaged
        where TInts : unmanaged
        where TCandidates : ICandidates;

    /// <summary>Counts one user's decision: larger is preferred.</summary>
    static abstract void AddExactly(ReadOnlySpan<double> perturbed, Span<int> counts);
}
