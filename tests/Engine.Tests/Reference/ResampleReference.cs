using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Reference;

/// <summary>The slow, obvious twin of <see cref="Resamples"/>: one unit after the other.</summary>
internal static class ResampleReference
{
    // What a block of random words is for; an attempt has one of each.
    private const int Counts = 0, Digits = 1, Units = 2, Purposes = 4;

    /// <summary>How often each unit is drawn.</summary>
    public static int[] Draw(int units, uint seed, int resample)
    {
        for (var attempt = 0; ; attempt++)
        {
            var counts = new int[units];
            if (units >= 64)
                for (var unit = 0; unit < units; unit++)
                    counts[unit] = Poisson(1 - (3 / Math.Sqrt(units)), Bits(unit, attempt));
            var missing = units - counts.Sum();
            if (missing < 0)
                continue;
            for (var word = 0; missing > 0; word++)
            {
                var (w0, w1, w2, w3) = Block(word / 4, attempt, Units);
                var product = (ulong)new[] { w0, w1, w2, w3 }[word % 4] * (ulong)units;
                if ((uint)product < (1UL << 32) % (ulong)units)
                    continue;
                counts[(int)(product >> 32)]++;
                missing--;
            }
            return counts;
        }

        // 256 units share 32 blocks: the first 128 have the first two words of each, four units a block; the others the other two.
        ulong Bits(int unit, int attempt)
        {
            var (w0, w1, w2, w3) = Block((unit / 256 * 32) + (unit % 128 / 4), attempt, Counts);
            var word = unit % 256 < 128 ? (unit % 4 < 2 ? w0 : w1) : (unit % 4 < 2 ? w2 : w3);
            var coarse = unit % 2 == 0 ? (ushort)word : word >> 16;
            var (low, high, _, _) = Block(unit, attempt, Digits);
            return ((ulong)coarse << 48) | ((ulong)high << 16) | (low >> 16);
        }

        (uint W0, uint W1, uint W2, uint W3) Block(int block, int attempt, int purpose) =>
            Philox.Block((uint)block, (uint)resample, (uint)((attempt * Purposes) + purpose), RandomStreams.Bootstrap, seed, 0);
    }

    /// <summary>The smallest count whose cumulative probability is above the number.</summary>
    private static int Poisson(double mean, ulong number)
    {
        var probability = Math.Exp(-mean);
        var sum = 0.0;
        for (var count = 0; ; probability *= mean / ++count)
        {
            if (sum + probability >= 1)
                return count;
            sum += probability;
            if (number < (ulong)(sum * Math.Pow(2, 64)))
                return count;
        }
    }
}
