using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Weights of many users at a time, one user per lane. Every random number has the address (user, reward model, attempt, what for), so that a
/// refused candidate moves nobody else's numbers: first all users of a turn get their candidates, then those who were refused get others.
/// </summary>
/// <remarks>
/// A candidate takes 64 random bits: the upper 52 make the candidate, the lower 12 are the first digits of the number that decides about it,
/// and in all but a few cases those and a bound without logarithms decide. The others look at 52 more digits and at the density itself.
/// Draws are kept in logarithms where they could underflow: at shape 0.001 most gamma draws are below 10⁻³⁰⁰.
/// </remarks>
internal sealed class DirichletLanes
{
    /// <summary>Below this the smallest draw, about 2^(−53/shape), would not be a normal number.</summary>
    public const double SmallestLinearShape = 1.0 / 16;

    private const int Lanes = 8;
    private const int NotShared = -1;

    /// <summary>What the first digits of the number that decides are counted in.</summary>
    private const double Steps = 4096;

    // Draws of a turn stay in the second-level cache; the more users, the fuller the vectors of those who were refused.
    private const int DrawsPerTurn = 10_240;
    private const int MostUsersPerTurn = 1024;

    private static readonly Vector512<ulong> s_lanes = Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);

    private readonly int models;
    private readonly GammaShape[] shapes;
    private readonly bool inLogarithms;
    private readonly Vector512<ulong>[] keys;

    private readonly ulong[] users;
    private readonly ulong[] first;
    private readonly ulong[] second;

    // Which two models those words are for.
    private int sharedBlock;

    // [reward models][users of a turn]
    private readonly double[] draws;

    // Those who need another look: their places in the turn, their indexes, their words, their candidates.
    private readonly ulong[] places;
    private readonly ulong[] again;
    private readonly ulong[] firstAgain;
    private readonly ulong[] secondAgain;
    private readonly ulong[] fine;
    private readonly double[] candidates;
    private readonly ulong[] refused;
    private readonly ulong[] undecided;
    private int refusedCount;
    private int undecidedCount;

    public DirichletLanes(int models, Concentration concentration, uint seed)
    {
        this.models = models;
        shapes = [.. Enumerable.Range(0, models).Select(modelIndex => new GammaShape(concentration[modelIndex]))];
        inLogarithms = shapes.Any(shape => shape.Shape < SmallestLinearShape);
        keys = Philox.Keys(seed);
        UsersPerTurn = Math.Clamp(DrawsPerTurn / models / Philox.AtOnce * Philox.AtOnce, Philox.AtOnce, MostUsersPerTurn);
        users = new ulong[UsersPerTurn];
        first = new ulong[UsersPerTurn];
        second = new ulong[UsersPerTurn];
        draws = new double[UsersPerTurn * models];
        places = new ulong[UsersPerTurn];
        again = new ulong[UsersPerTurn];
        firstAgain = new ulong[UsersPerTurn];
        secondAgain = new ulong[UsersPerTurn];
        fine = new ulong[UsersPerTurn];
        candidates = new double[UsersPerTurn];
        refused = new ulong[UsersPerTurn + Lanes];
        undecided = new ulong[UsersPerTurn + Lanes];
    }

    /// <summary>How many users <see cref="Draw"/> takes at most.</summary>
    public int UsersPerTurn { get; }

    /// <summary>Weights of users <paramref name="firstUserIndex"/>, …, as many as there are rows: [users × models].</summary>
    public void Draw(int firstUserIndex, Span<double> weights)
    {
        var count = weights.Length / models;
        var padded = (count + Philox.AtOnce - 1) / Philox.AtOnce * Philox.AtOnce;
        for (var place = 0; place < padded; place += Lanes)
            (s_lanes + Vector512.Create((ulong)(firstUserIndex + place))).CopyTo(users, place);
        sharedBlock = NotShared;
        for (var modelIndex = 0; modelIndex < models; modelIndex++)
            DrawModel(modelIndex, padded);
        for (var place = 0; place < count; place += Lanes)
        {
            var shares = new Shares(ref draws[place], UsersPerTurn, models);
            shares.Write(
                weights.Slice(place * models, Math.Min(Lanes, count - place) * models),
                inLogarithms ? shares.ScaleOfLogarithms() : shares.Scale());
        }
    }

    /// <summary>Draws (or their logarithms) of one reward model for the users of this turn.</summary>
    private void DrawModel(int modelIndex, int count)
    {
        var own = draws.AsSpan(modelIndex * UsersPerTurn, count);
        refusedCount = undecidedCount = 0;
        var block = NeedsNormals(modelIndex) ? NotShared : modelIndex / 2;
        if (block == NotShared || block != sharedBlock)
            MakeWords(modelIndex, users.AsSpan(0, count), 0, first, second);
        sharedBlock = block;
        Offer(modelIndex, first, second, count, own, false);
        for (var attempt = 0; refusedCount + undecidedCount > 0; attempt++)
        {
            LookAgain(modelIndex, undecided, ref undecidedCount, attempt, own, true);
            LookAgain(modelIndex, refused, ref refusedCount, attempt + 1, own, false);
        }
    }

    private bool NeedsNormals(int modelIndex) => shapes[modelIndex].Method == GammaMethod.MarsagliaTsang;

    private void MakeWords(int modelIndex, ReadOnlySpan<ulong> indexes, int attempt, ulong[] low, ulong[] high) =>
        Philox.ByIndex(
            keys, NeedsNormals(modelIndex) ? (uint)modelIndex : (uint)modelIndex / 2, indexes,
            High(attempt, NeedsNormals(modelIndex) ? Purpose.Normals : Purpose.TwoModels), RandomStreams.Weights, low, high);

    private static uint High(int attempt, Purpose purpose) => ((uint)attempt * 4) + (uint)purpose;

    /// <summary>Takes the listed places once more: the same candidates with a closer look, or new candidates.</summary>
    private void LookAgain(int modelIndex, ulong[] list, ref int listed, int attempt, Span<double> own, bool isExact)
    {
        var count = listed;
        listed = 0;
        if (count == 0)
            return;
        var padded = (count + Philox.AtOnce - 1) / Philox.AtOnce * Philox.AtOnce;
        list.AsSpan(0, padded).CopyTo(places);
        for (var place = 0; place < padded; place += Lanes)
            (Load(places, place) + Vector512.Create(users[0])).CopyTo(again, place);
        if (isExact)
            Philox.ByIndex(keys, (uint)modelIndex, again.AsSpan(0, padded), High(attempt, Purpose.Digits), RandomStreams.Weights, fine, firstAgain);
        MakeWords(modelIndex, again.AsSpan(0, padded), attempt, firstAgain, secondAgain);
        var (refusedBefore, undecidedBefore) = (refusedCount, undecidedCount);
        Offer(modelIndex, firstAgain, secondAgain, count, candidates, isExact);
        for (var place = 0; place < count; place++)
            own[(int)places[place]] = candidates[place];
        refusedCount = ToPlaces(refused, refusedBefore, refusedCount, count);
        undecidedCount = ToPlaces(undecided, undecidedBefore, undecidedCount, count);
    }

    /// <summary>Positions among those who are looked at again become places in the turn; lanes beyond the last position are nobody's.</summary>
    private int ToPlaces(ulong[] list, int from, int to, int count)
    {
        while (to > from && list[to - 1] >= (ulong)count)
            to--;
        foreach (ref var position in list.AsSpan(from, to - from))
            position = places[position];
        return to;
    }

    private void Offer(int modelIndex, ulong[] first, ulong[] second, int count, Span<double> values, bool isExact)
    {
        var own = MemoryMarshal.Cast<double, Vector512<double>>(values);
        var words = modelIndex % 2 == 0 ? first : second;
        switch (shapes[modelIndex].Method)
        {
            case GammaMethod.Exponential:
                for (var place = 0; place < count; place += Lanes)
                {
                    var value = -LaneMath.Log(Uniform(Load(words, place)));
                    own[place / Lanes] = inLogarithms ? LaneMath.Log(value) : value;
                }
                break;
            case GammaMethod.Best:
                OfferBest(shapes[modelIndex], words, count, own, isExact);
                break;
            default:
                OfferMarsagliaTsang(shapes[modelIndex], first, second, count, own, isExact);
                break;
        }
    }

    /// <remarks>
    /// In passes: a candidate's logarithm, its power, the decision. Each waits for the one before it, and in one pass the processor
    /// would not see far enough ahead to work on others meanwhile. Between the passes the sign says on which side of the knee one is.
    /// </remarks>
    private void OfferBest(GammaShape shape, ulong[] words, int count, Span<Vector512<double>> values, bool isExact)
    {
        var one = Vector512<double>.One;
        var sign = Vector512.Create(-0.0);
        var area = Vector512.Create(shape.Area);
        var tailArea = Vector512.Create(shape.Knee * shape.Area / shape.Shape);
        for (var place = 0; place < count; place += Lanes)
        {
            var u = Uniform(Load(words, place));
            var p = u * area;
            var isBelow = Vector512.LessThanOrEqual(p, one);
            var log = LaneMath.Log(Vector512.ConditionalSelect(isBelow, p, (one - u) * tailArea));
            // Below the knee the logarithm, with its sign even if it is 0; beyond it x itself, which is above 0.
            values[place / Lanes] = (log | sign) ^ Vector512.AndNot(sign, isBelow);
        }
        if (inLogarithms)
        {
            if (isExact)
                DecideBestInLogarithms(shape, words, count, values);
            else
                SortBestInLogarithms(shape, words, count, values);
            return;
        }
        var inverse = Vector512.Create(1 / shape.Shape);
        var logKnee = Vector512.Create(shape.LogScale);
        for (var place = 0; place < count; place += Lanes)
        {
            var log = values[place / Lanes];
            var power = LaneMath.Exp(Vector512.FusedMultiplyAdd(log, inverse, logKnee)) | sign;
            values[place / Lanes] = Vector512.ConditionalSelect(Vector512.IsNegative(log), power, log);
        }
        if (isExact)
            DecideBest(shape, words, count, values);
        else
            SortBest(shape, words, count, values);
    }

    /// <summary>
    /// Below the knee accept with e^(−x), which lies between 1 − x + x²/2 − x³/6 and that plus x⁴/24; beyond it with y^(shape − 1) for
    /// y = x/knee, between 1/(shape + (1 − shape)y) and shape + (1 − shape)/y. All in steps of the first digits.
    /// </summary>
    private void SortBest(GammaShape shape, ulong[] words, int count, Span<Vector512<double>> values)
    {
        var all = Vector512.Create(Steps);
        var shapeItself = Vector512.Create(shape.Shape);
        var slope = Vector512.Create((1 - shape.Shape) / shape.Knee);
        var refusedSlope = Vector512.Create((Steps * shape.Shape) + 1);
        var refusedStart = Vector512.Create(Steps * (1 - shape.Shape) * shape.Knee);
        var positions = s_lanes;
        var (list, listed) = (refused, refusedCount);
        for (var place = 0; place < count; place += Lanes, positions += Vector512.Create((ulong)Lanes))
        {
            var value = values[place / Lanes];
            var isBelow = Vector512.IsNegative(value);
            var x = Vector512.Abs(value);
            values[place / Lanes] = x;
            var (digits, next) = Digits(Load(words, place));
            var square = x * x;
            var lower = Vector512.FusedMultiplyAdd(
                square, Vector512.FusedMultiplyAdd(x, Vector512.Create(-Steps / 6), Vector512.Create(Steps / 2)), Vector512.FusedMultiplyAdd(x, -all, all));
            var upper = Vector512.FusedMultiplyAdd(square * square, Vector512.Create(Steps / 24), lower);
            var isAccepted = Vector512.LessThanOrEqual(
                Vector512.ConditionalSelect(isBelow, next, next * Vector512.FusedMultiplyAdd(x, slope, shapeItself)),
                Vector512.ConditionalSelect(isBelow, lower, all));
            var isRefused = Vector512.GreaterThanOrEqual(
                Vector512.ConditionalSelect(isBelow, digits, next * x),
                Vector512.ConditionalSelect(isBelow, upper, Vector512.FusedMultiplyAdd(x, refusedSlope, refusedStart)));
            listed = Append(list, listed, positions, isRefused);
            Leave(isAccepted | isRefused, positions);
        }
        refusedCount = listed;
    }

    /// <summary>The same with all digits and the densities themselves.</summary>
    private void DecideBest(GammaShape shape, ulong[] words, int count, Span<Vector512<double>> values)
    {
        var rest = Vector512.Create(shape.Shape - 1);
        var logKnee = Vector512.Create(shape.LogScale);
        var positions = s_lanes;
        for (var place = 0; place < count; place += Lanes, positions += Vector512.Create((ulong)Lanes))
        {
            var isBelow = Vector512.IsNegative(values[place / Lanes]);
            var x = Vector512.Abs(values[place / Lanes]);
            values[place / Lanes] = x;
            var bound = Vector512.ConditionalSelect(isBelow, -x, rest * (LaneMath.Log(x) - logKnee));
            Refuse(Vector512.GreaterThan(LaneMath.Log(Deciding(Load(words, place), place)), bound), positions);
        }
    }

    /// <summary>
    /// As <see cref="SortBest"/>, but x is not known below the knee, only its logarithm v: e^(−x) is at least 1 − x, and 1/x = e^(−v) at
    /// least 1 − v + v²/2.
    /// </summary>
    private void SortBestInLogarithms(GammaShape shape, ulong[] words, int count, Span<Vector512<double>> values)
    {
        var all = Vector512.Create(Steps);
        var one = Vector512<double>.One;
        var half = Vector512.Create(0.5);
        var inverse = Vector512.Create(1 / shape.Shape);
        var logKnee = Vector512.Create(shape.LogScale);
        var positions = s_lanes;
        var (list, listed) = (undecided, undecidedCount);
        for (var place = 0; place < count; place += Lanes, positions += Vector512.Create((ulong)Lanes))
        {
            var own = values[place / Lanes];
            var isBelow = Vector512.IsNegative(own);
            var value = Vector512.FusedMultiplyAdd(own, inverse, logKnee);
            var (_, next) = Digits(Load(words, place));
            var bound = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(value, half, -one), value, one);
            var isDecided = Vector512.GreaterThanOrEqual((all - next) * bound, all);
            if (isBelow.ExtractMostSignificantBits() != 0xFF)
            {
                value = Vector512.ConditionalSelect(isBelow, value, LaneMath.Log(own));
                isDecided = Vector512.ConditionalSelect(
                    isBelow, isDecided,
                    Vector512.LessThanOrEqual(
                        next * Vector512.FusedMultiplyAdd(own, Vector512.Create((1 - shape.Shape) / shape.Knee), Vector512.Create(shape.Shape)), all));
                var refusedBound = Vector512.FusedMultiplyAdd(
                    own, Vector512.Create((Steps * shape.Shape) + 1), Vector512.Create(Steps * (1 - shape.Shape) * shape.Knee));
                var isRefused = Vector512.AndNot(Vector512.GreaterThanOrEqual(next * own, refusedBound), isBelow);
                Refuse(isRefused, positions);
                isDecided |= isRefused;
            }
            values[place / Lanes] = value;
            listed = Append(list, listed, positions, ~isDecided);
        }
        undecidedCount = listed;
    }

    private void DecideBestInLogarithms(GammaShape shape, ulong[] words, int count, Span<Vector512<double>> values)
    {
        var rest = Vector512.Create(shape.Shape - 1);
        var inverse = Vector512.Create(1 / shape.Shape);
        var logKnee = Vector512.Create(shape.LogScale);
        var positions = s_lanes;
        for (var place = 0; place < count; place += Lanes, positions += Vector512.Create((ulong)Lanes))
        {
            var own = values[place / Lanes];
            var isBelow = Vector512.IsNegative(own);
            var value = Vector512.ConditionalSelect(
                isBelow, Vector512.FusedMultiplyAdd(own, inverse, logKnee), LaneMath.Log(Vector512.Abs(own)));
            values[place / Lanes] = value;
            var bound = Vector512.ConditionalSelect(isBelow, -LaneMath.Exp(value), rest * (value - logKnee));
            Refuse(Vector512.GreaterThan(LaneMath.Log(Deciding(Load(words, place), place)), bound), positions);
        }
    }

    private void OfferMarsagliaTsang(GammaShape shape, ulong[] radii, ulong[] angles, int count, Span<Vector512<double>> values, bool isExact)
    {
        var d = Vector512.Create(shape.D);
        var c = Vector512.Create(shape.C);
        var logD = Vector512.Create(shape.LogScale);
        var one = Vector512<double>.One;
        var positions = s_lanes;
        for (var place = 0; place < count; place += Lanes, positions += Vector512.Create((ulong)Lanes))
        {
            var word = Load(angles, place);
            var normal = Vector512.Sqrt(LaneMath.Log(Uniform(Load(radii, place))) * -2.0) * LaneMath.CosineOfTurns(Uniform(word));
            var root = Vector512.FusedMultiplyAdd(normal, c, one);
            var isRefused = Vector512.LessThanOrEqual(root, Vector512<double>.Zero);
            root = Vector512.ConditionalSelect(isRefused, one, root);
            var cube = root * root * root;
            values[place / Lanes] = inLogarithms ? Vector512.FusedMultiplyAdd(LaneMath.Log(root), Vector512.Create(3.0), logD) : cube * d;
            var square = normal * normal;
            if (isExact)
            {
                var bound = Vector512.FusedMultiplyAdd(
                    d, Vector512.FusedMultiplyAdd(LaneMath.Log(root), Vector512.Create(3.0), one - cube), square * 0.5);
                Refuse(Vector512.GreaterThan(LaneMath.Log(Deciding(word, place)), bound) | isRefused, positions);
                continue;
            }
            var isAccepted = Vector512.LessThanOrEqual(
                Digits(word).Next, Vector512.FusedMultiplyAdd(square * square, Vector512.Create(-Steps * 0.0331), Vector512.Create(Steps)));
            Refuse(isRefused, positions);
            Leave(isAccepted | isRefused, positions);
        }
    }

    /// <summary>Uniform on (0, 1): the upper 52 bits, and half a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Uniform(Vector512<ulong> word) =>
        ((word >>> 12) | Vector512.Create(0x3FF0_0000_0000_0000UL)).AsDouble() - Vector512.Create(1 - (1.0 / (1UL << 53)));

    /// <summary>The lower 12 bits as a number, and the next: the number that decides, in steps, lies between the two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Digits, Vector512<double> Next) Digits(Vector512<ulong> word)
    {
        var above = ((word & Vector512.Create(0xFFFUL)) | Vector512.Create(0x4330_0000_0000_0000UL)).AsDouble();
        return (above - Vector512.Create((double)(1UL << 52)), above - Vector512.Create((double)((1UL << 52) - 1)));
    }

    /// <summary>The number that decides, with all its digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> Deciding(Vector512<ulong> word, int place) => (Digits(word).Digits + Uniform(Load(fine, place))) * (1 / Steps);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Refuse(Vector512<double> isRefused, Vector512<ulong> positions) =>
        refusedCount = Append(refused, refusedCount, positions, isRefused);

    /// <summary>Remembers which lanes were neither accepted nor refused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave(Vector512<double> isDecided, Vector512<ulong> positions)
    {
        if (isDecided.ExtractMostSignificantBits() != 0xFF)
            undecidedCount = Append(undecided, undecidedCount, positions, ~isDecided);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Append(ulong[] list, int count, Vector512<ulong> positions, Vector512<double> chosen)
    {
        var bits = chosen.ExtractMostSignificantBits();
        if (Avx512F.IsSupported)
        {
            Avx512F.Compress(Vector512<ulong>.Zero, chosen.AsUInt64(), positions).CopyTo(list, count);
            return count + BitOperations.PopCount(bits);
        }
        for (; bits != 0; bits &= bits - 1)
            list[count++] = positions[BitOperations.TrailingZeroCount(bits)];
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ulong[] words, int place) => Vector512.Create<ulong>(words.AsSpan(place, Lanes));

    private enum Purpose : uint
    {
        /// <summary>Candidates of two reward models; the block is half the model's index.</summary>
        TwoModels = 0,

        /// <summary>More digits of the number that decides; the block is the model's index, as below.</summary>
        Digits = 1,

        /// <summary>Radius and angle of a normal number.</summary>
        Normals = 2,
    }

    /// <summary>Draws of eight users become shares that sum to 1.</summary>
    private readonly ref struct Shares(ref double first, int stride, int models)
    {
        private readonly ref double first = ref first;

        private ref Vector512<double> this[int modelIndex] => ref Unsafe.As<double, Vector512<double>>(ref Unsafe.Add(ref first, modelIndex * stride));

        /// <summary>One over the sum.</summary>
        public Vector512<double> Scale()
        {
            // 1/x·x is not always 1.
            if (models == 1)
                return this[0] = Vector512<double>.One;
            var sum = this[0];
            for (var modelIndex = 1; modelIndex < models; modelIndex++)
                sum += this[modelIndex];
            return Vector512<double>.One / sum;
        }

        /// <summary>Makes numbers of logarithms, in units of the largest of them.</summary>
        public Vector512<double> ScaleOfLogarithms()
        {
            var largest = this[0];
            for (var modelIndex = 1; modelIndex < models; modelIndex++)
                largest = Vector512.MaxNative(largest, this[modelIndex]);
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
                this[modelIndex] = LaneMath.Exp(this[modelIndex] - largest);
            return Scale();
        }

        /// <summary>One row for each of the first users.</summary>
        public void Write(Span<double> rows, Vector512<double> scale)
        {
            var modelIndex = 0;
            if (rows.Length == Lanes * models && Avx512F.IsSupported)
            {
                for (; modelIndex + Lanes <= models; modelIndex += Lanes)
                    WriteEight(modelIndex, ref rows[modelIndex], scale);
                for (; modelIndex + 2 <= models; modelIndex += 2)
                    WriteTwo(modelIndex, ref rows[modelIndex], scale);
            }
            for (; modelIndex < models; modelIndex++)
            {
                var shares = this[modelIndex] * scale;
                for (var row = 0; row * models < rows.Length; row++)
                    rows[(row * models) + modelIndex] = shares[row];
            }
        }

        /// <summary>Eight columns at once: pairs, then fours, then eights change places.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void WriteEight(int modelIndex, ref double into, Vector512<double> scale)
        {
            var (a0, a1) = Interleaved(modelIndex, scale);
            var (b0, b1) = Interleaved(modelIndex + 2, scale);
            var (c0, c1) = Interleaved(modelIndex + 4, scale);
            var (d0, d1) = Interleaved(modelIndex + 6, scale);
            WriteFour(a0, b0, c0, d0, ref into);
            WriteFour(a1, b1, c1, d1, ref Unsafe.Add(ref into, models));
        }

        /// <summary>Rows 0, 2, 4, 6 from where <paramref name="into"/> points.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void WriteFour(Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, ref double into)
        {
            // Lanes 0 and 2 of both, lanes 1 and 3 of both, two weights each.
            var ab02 = Avx512F.Shuffle4x128(a, b, 0b_10_00_10_00);
            var ab13 = Avx512F.Shuffle4x128(a, b, 0b_11_01_11_01);
            var cd02 = Avx512F.Shuffle4x128(c, d, 0b_10_00_10_00);
            var cd13 = Avx512F.Shuffle4x128(c, d, 0b_11_01_11_01);
            Avx512F.Shuffle4x128(ab02, cd02, 0b_10_00_10_00).StoreUnsafe(ref into);
            Avx512F.Shuffle4x128(ab13, cd13, 0b_10_00_10_00).StoreUnsafe(ref into, (nuint)(2 * models));
            Avx512F.Shuffle4x128(ab02, cd02, 0b_11_01_11_01).StoreUnsafe(ref into, (nuint)(4 * models));
            Avx512F.Shuffle4x128(ab13, cd13, 0b_11_01_11_01).StoreUnsafe(ref into, (nuint)(6 * models));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void WriteTwo(int modelIndex, ref double into, Vector512<double> scale)
        {
            var (even, odd) = Interleaved(modelIndex, scale);
            WriteTwoOfFour(even, ref into);
            WriteTwoOfFour(odd, ref Unsafe.Add(ref into, models));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void WriteTwoOfFour(Vector512<double> pairs, ref double into)
        {
            Avx512F.ExtractVector128(pairs, 0).StoreUnsafe(ref into);
            Avx512F.ExtractVector128(pairs, 1).StoreUnsafe(ref into, (nuint)(2 * models));
            Avx512F.ExtractVector128(pairs, 2).StoreUnsafe(ref into, (nuint)(4 * models));
            Avx512F.ExtractVector128(pairs, 3).StoreUnsafe(ref into, (nuint)(6 * models));
        }

        /// <summary>Two weights of each even user, and two of each odd one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector512<double> Even, Vector512<double> Odd) Interleaved(int modelIndex, Vector512<double> scale)
        {
            var (one, other) = (this[modelIndex] * scale, this[modelIndex + 1] * scale);
            return (Avx512F.UnpackLow(one, other), Avx512F.UnpackHigh(one, other));
        }
    }
}
