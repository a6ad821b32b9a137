using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>Utilities of up to 8 responses for one group of users, in registers.</summary>
/// <remarks>Each is rounded as <see cref="Rewards.Utility"/> rounds it: terms in the order of the reward models, one fused multiply-add each.</remarks>
internal static class UtilityLanes<TLanes, TFloats, TInts>
    where TLanes : ILanes<TFloats, TInts>
    where TFloats : unmanaged
    where TInts : unmanaged
{
    /// <summary>
    /// Rewards [reward models][candidates] · weights [reward models][lanes] of one group → utilities [lanes] of each candidate; those
    /// beyond the last candidate are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Compute<TCandidates>(
        ref float reward, int models, ref float weight,
        out TFloats u0, out TFloats u1, out TFloats u2, out TFloats u3, out TFloats u4, out TFloats u5, out TFloats u6, out TFloats u7)
        where TCandidates : ICandidates
    {
        var users = TLanes.Load(in weight);
        u0 = First<TCandidates>(0, ref reward, users);
        u1 = First<TCandidates>(1, ref reward, users);
        u2 = First<TCandidates>(2, ref reward, users);
        u3 = First<TCandidates>(3, ref reward, users);
        u4 = First<TCandidates>(4, ref reward, users);
        u5 = First<TCandidates>(5, ref reward, users);
        u6 = First<TCandidates>(6, ref reward, users);
        u7 = First<TCandidates>(7, ref reward, users);
        for (var modelIndex = 1; modelIndex < models; modelIndex++)
        {
            reward = ref Unsafe.Add(ref reward, TCandidates.Count);
            weight = ref Unsafe.Add(ref weight, TLanes.Count);
            users = TLanes.Load(in weight);
            u0 = Next<TCandidates>(0, ref reward, users, u0);
            u1 = Next<TCandidates>(1, ref reward, users, u1);
            u2 = Next<TCandidates>(2, ref reward, users, u2);
            u3 = Next<TCandidates>(3, ref reward, users, u3);
            u4 = Next<TCandidates>(4, ref reward, users, u4);
            u5 = Next<TCandidates>(5, ref reward, users, u5);
            u6 = Next<TCandidates>(6, ref reward, users, u6);
            u7 = Next<TCandidates>(7, ref reward, users, u7);
        }
    }

    /// <summary>The same for two neighbouring groups: a reward that is loaded once serves both, and few candidates still keep the multipliers busy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ComputeTwo<TCandidates>(
        ref float reward, int models, ref float weight,
        out TFloats u0, out TFloats u1, out TFloats u2, out TFloats u3, out TFloats u4, out TFloats u5, out TFloats u6, out TFloats u7,
        out TFloats v0, out TFloats v1, out TFloats v2, out TFloats v3, out TFloats v4, out TFloats v5, out TFloats v6, out TFloats v7)
        where TCandidates : ICandidates
    {
        var users = TLanes.Load(in weight);
        var others = TLanes.Load(in Unsafe.Add(ref weight, models * TLanes.Count));
        FirstOfTwo<TCandidates>(0, ref reward, users, others, out u0, out v0);
        FirstOfTwo<TCandidates>(1, ref reward, users, others, out u1, out v1);
        FirstOfTwo<TCandidates>(2, ref reward, users, others, out u2, out v2);
        FirstOfTwo<TCandidates>(3, ref reward, users, others, out u3, out v3);
        FirstOfTwo<TCandidates>(4, ref reward, users, others, out u4, out v4);
        FirstOfTwo<TCandidates>(5, ref reward, users, others, out u5, out v5);
        FirstOfTwo<TCandidates>(6, ref reward, users, others, out u6, out v6);
        FirstOfTwo<TCandidates>(7, ref reward, users, others, out u7, out v7);
        for (var modelIndex = 1; modelIndex < models; modelIndex++)
        {
            reward = ref Unsafe.Add(ref reward, TCandidates.Count);
            weight = ref Unsafe.Add(ref weight, TLanes.Count);
            users = TLanes.Load(in weight);
            others = TLanes.Load(in Unsafe.Add(ref weight, models * TLanes.Count));
            NextOfTwo<TCandidates>(0, ref reward, users, others, ref u0, ref v0);
            NextOfTwo<TCandidates>(1, ref reward, users, others, ref u1, ref v1);
            NextOfTwo<TCandidates>(2, ref reward, users, others, ref u2, ref v2);
            NextOfTwo<TCandidates>(3, ref reward, users, others, ref u3, ref v3);
            NextOfTwo<TCandidates>(4, ref reward, users, others, ref u4, ref v4);
            NextOfTwo<TCandidates>(5, ref reward, users, others, ref u5, ref v5);
            NextOfTwo<TCandidates>(6, ref reward, users, others, ref u6, ref v6);
            NextOfTwo<TCandidates>(7, ref reward, users, others, ref u7, ref v7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FirstOfTwo<TCandidates>(int candidate, ref float reward, TFloats users, TFloats others, out TFloats utility, out TFloats otherUtility)
        where TCandidates : ICandidates
    {
        utility = default;
        otherUtility = default;
        if (candidate >= TCandidates.Count)
            return;
        var rewards = TLanes.Broadcast(Unsafe.Add(ref reward, candidate));
        utility = TLanes.Multiply(users, rewards);
        otherUtility = TLanes.Multiply(others, rewards);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NextOfTwo<TCandidates>(int candidate, ref float reward, TFloats users, TFloats others, ref TFloats utility, ref TFloats otherUtility)
        where TCandidates : ICandidates
    {
        if (candidate >= TCandidates.Count)
            return;
        var rewards = TLanes.Broadcast(Unsafe.Add(ref reward, candidate));
        utility = TLanes.MultiplyAdd(users, rewards, utility);
        otherUtility = TLanes.MultiplyAdd(others, rewards, otherUtility);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats First<TCandidates>(int candidate, ref float reward, TFloats users)
        where TCandidates : ICandidates =>
        candidate < TCandidates.Count ? TLanes.Multiply(users, TLanes.Broadcast(Unsafe.Add(ref reward, candidate))) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Next<TCandidates>(int candidate, ref float reward, TFloats users, TFloats sofar)
        where TCandidates : ICandidates =>
        candidate < TCandidates.Count ? TLanes.MultiplyAdd(users, TLanes.Broadcast(Unsafe.Add(ref reward, candidate)), sofar) : default;

    /// <summary>The smallest difference between any two of a user's utilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TFloats SmallestDistance<TCandidates>(TFloats u0, TFloats u1, TFloats u2, TFloats u3, TFloats u4, TFloats u5, TFloats u6, TFloats u7)
        where TCandidates : ICandidates
    {
        var smallest = TLanes.Broadcast(float.PositiveInfinity);
        Near<TCandidates>(1, u0, u1, ref smallest);
        Near<TCandidates>(2, u0, u2, ref smallest);
        Near<TCandidates>(3, u0, u3, ref smallest);
        Near<TCandidates>(4, u0, u4, ref smallest);
        Near<TCandidates>(5, u0, u5, ref smallest);
        Near<TCandidates>(6, u0, u6, ref smallest);
        Near<TCandidates>(7, u0, u7, ref smallest);
        Near<TCandidates>(2, u1, u2, ref smallest);
        Near<TCandidates>(3, u1, u3, ref smallest);
        Near<TCandidates>(4, u1, u4, ref smallest);
        Near<TCandidates>(5, u1, u5, ref smallest);
        Near<TCandidates>(6, u1, u6, ref smallest);
        Near<TCandidates>(7, u1, u7, ref smallest);
        Near<TCandidates>(3, u2, u3, ref smallest);
        Near<TCandidates>(4, u2, u4, ref smallest);
        Near<TCandidates>(5, u2, u5, ref smallest);
        Near<TCandidates>(6, u2, u6, ref smallest);
        Near<TCandidates>(7, u2, u7, ref smallest);
        Near<TCandidates>(4, u3, u4, ref smallest);
        Near<TCandidates>(5, u3, u5, ref smallest);
        Near<TCandidates>(6, u3, u6, ref smallest);
        Near<TCandidates>(7, u3, u7, ref smallest);
        Near<TCandidates>(5, u4, u5, ref smallest);
        Near<TCandidates>(6, u4, u6, ref smallest);
        Near<TCandidates>(7, u4, u7, ref smallest);
        Near<TCandidates>(6, u5, u6, ref smallest);
        Near<TCandidates>(7, u5, u7, ref smallest);
        Near<TCandidates>(7, u6, u7, ref smallest);
        return smallest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Near<TCandidates>(int later, TFloats utility, TFloats laterUtility, ref TFloats smallest)
        where TCandidates : ICandidates
    {
        if (later < TCandidates.Count)
            smallest = TLanes.Least(smallest, TLanes.Absolute(TLanes.Subtract(utility, laterUtility)));
    }
}
