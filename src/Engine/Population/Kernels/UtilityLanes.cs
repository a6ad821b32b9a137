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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats First<TCandidates>(int candidate, ref float reward, TFloats users)
        where TCandidates : ICandidates =>
        candidate < TCandidates.Count ? TLanes.Multiply(users, TLanes.Broadcast(Unsafe.Add(ref reward, candidate))) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Next<TCandidates>(int candidate, ref float reward, TFloats users, TFloats sofar)
        where TCandidates : ICandidates =>
        candidate < TCandidates.Count ? TLanes.MultiplyAdd(users, TLanes.Broadcast(Unsafe.Add(ref reward, candidate)), sofar) : default;
}
