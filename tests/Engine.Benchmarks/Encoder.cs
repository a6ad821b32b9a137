using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Inference;
using PersonalLlm.Engine.Inference.Onnx;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How long does scoring with a small reward model take: one batch of a given shape, and thousands of texts of real lengths?</summary>
internal static partial class Encoder
{
    private const int LongestText = 2_048, SampledResponses = 4_000;

    // MiniLM's shape: what people score with on a processor.
    private static readonly EncoderModel s_model = new(Layers: 6, Width: 384, Heads: 12, Vocabulary: 30_522, Positions: LongestText);

    /// <summary>--length, --batch: one run of that shape. --texts N --order budget|arrival: N texts, of the lengths of --data FILE, cut at --longest.</summary>
    public static Job Prepare(Arguments arguments)
    {
        var threads = arguments.Integer("threads", 1);
        var runtime = OnnxRuntime.Load();
        var path = Model();
        if (arguments.Integer("texts", 0) is > 0 and var count)
            return PrepareTexts(arguments, runtime, path, threads, Lengths(count, arguments.Integer("longest", 512), arguments.Text("data", "")));
        var (length, batch) = (arguments.Integer("length", 128), arguments.Integer("batch", 8));
        var scorer = RewardScorer.Open(runtime, path, 0, 1, new() { Threads = threads }, new() { TokenBudget = length * batch });
        var texts = Texts([.. Enumerable.Repeat(length, batch)]);
        var repeats = arguments.Integer("repeats", 10);
        return new($"encoder/run/{batch}x{length}", () =>
        {
            var sum = 0.0;
            for (var repeat = 0; repeat < repeats; repeat++)
                sum = scorer.Score(texts).Values.Sum(score => (double)score);
            return new { sum = Math.Round(sum, 4), gflop = Math.Round(repeats * Gflop(texts.Select(text => text.Length)), 3) };
        });
    }

    /// <summary>The fastest that this processor adds and multiplies float32, in the widest vectors that the program may use: one thread.</summary>
    public static Job PrepareFmaPeak(Arguments arguments)
    {
        var rounds = arguments.Integer("rounds", 40_000_000);
        return new("fma-peak", () => new { finite = double.IsFinite(Vector512.IsHardwareAccelerated ? Multiply512(rounds) : Multiply256(rounds)), gflop = GflopOfPeak(rounds) });
    }

    private static Job PrepareTexts(Arguments arguments, OnnxRuntime runtime, string path, int threads, int[] lengths)
    {
        var texts = Texts(lengths);
        var tokens = lengths.Sum();
        var arrival = arguments.Text("order", "budget") == "arrival";
        var rows = arguments.Integer("batch", 32);
        var scorer = RewardScorer.Open(runtime, path, 0, 1, new() { Threads = threads }, new()
        {
            TokenBudget = arrival ? int.MaxValue : arguments.Integer("budget", 1_000),
            ParallelBatches = arguments.Integer("parallel", 1),
        });
        return new($"encoder/texts/{(arrival ? $"arrival{rows}" : "budget")}", () =>
        {
            var scores = arrival ? texts.Chunk(rows).SelectMany(chunk => scorer.Score(chunk).Values).ToArray() : scorer.Score(texts).Values;
            return new { sum = Math.Round(scores.Sum(score => (double)score), 2), tokens, gflop = Math.Round(Gflop(lengths), 1) };
        });
    }

    /// <summary>The model's file beside the peers' data, so that every program computes the same one.</summary>
    private static string Model()
    {
        var path = PeerData.PathOf("encoder_6_384.onnx");
        if (!File.Exists(path))
            File.WriteAllBytes(path, s_model.Write());
        return path;
    }

    /// <summary>Tokens of a data set's responses, about; of a log-normal distribution like theirs when none is given.</summary>
    private static int[] Lengths(int count, int longest, string file)
    {
        var path = PeerData.PathOf(string.Create(CultureInfo.InvariantCulture, $"lengths_{count}_{longest}.i32"));
        if (!File.Exists(path))
            File.WriteAllBytes(path, MemoryMarshal.AsBytes<int>(file.Length > 0 ? OfResponses(file, count, longest) : Invented(count, longest)));
        return MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path)).ToArray();
    }

    private static int[] OfResponses(string file, int count, int longest)
    {
        using var stream = File.OpenRead(file);
        return [.. DatasetFile.OpenAsync(stream).GetAwaiter().GetResult().ReadAsync().ToBlockingEnumerable().Where(entry => entry.Record is not null)
            .SelectMany(entry => entry.Record!.Responses.Select(response => response.Text))
            // Spread over many prompts: responses of one prompt are of like length.
            .Take(SampledResponses).Where((_, response) => response % (SampledResponses / count) == 0)
            // Word pieces are a sixth more than words and signs; [CLS] and [SEP].
            .Select(text => Math.Min(longest, 2 + (int)(Words().Count(text) * 1.17)))];
    }

    private static int[] Invented(int count, int longest)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => Math.Clamp((int)(200 * Math.Exp(0.77 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))), 5, longest))];
    }

    // The same ids in every program, by a formula.
    private static TokenSequence[] Texts(int[] lengths) =>
        [.. lengths.Select((length, text) => new TokenSequence(Enumerable.Range(0, length).Select(token => (int)(((text * 7919L) + (token * 104_729L)) % 30_522)).ToArray()))];

    /// <summary>Billions of additions and multiplications of the matrix products, padding left out.</summary>
    private static double Gflop(IEnumerable<int> lengths)
    {
        const double forToken = 6 * 2 * ((4.0 * 384 * 384) + (2.0 * 384 * 1536)), forPair = 6 * 4.0 * 384;
        return lengths.Sum(length => length * (forToken + (forPair * length))) / 1e9;
    }

    private static double GflopOfPeak(int rounds) => rounds * 12.0 * 2 * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count) / 1e9;

    // Twelve sums that do not wait for each other hide the latency of one.
    private static float Multiply512(int rounds)
    {
        var (factor, term) = (Vector512.Create(0.999f), Vector512.Create(0.001f));
        Vector512<float> a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term, k = term, l = term;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
            k = Vector512.FusedMultiplyAdd(k, factor, term);
            l = Vector512.FusedMultiplyAdd(l, factor, term);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static float Multiply256(int rounds)
    {
        var (factor, term) = (Vector256.Create(0.999f), Vector256.Create(0.001f));
        Vector256<float> a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term, k = term, l = term;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, factor, term);
            b = Vector256.FusedMultiplyAdd(b, factor, term);
            c = Vector256.FusedMultiplyAdd(c, factor, term);
            d = Vector256.FusedMultiplyAdd(d, factor, term);
            e = Vector256.FusedMultiplyAdd(e, factor, term);
            f = Vector256.FusedMultiplyAdd(f, factor, term);
            g = Vector256.FusedMultiplyAdd(g, factor, term);
            h = Vector256.FusedMultiplyAdd(h, factor, term);
            i = Vector256.FusedMultiplyAdd(i, factor, term);
            j = Vector256.FusedMultiplyAdd(j, factor, term);
            k = Vector256.FusedMultiplyAdd(k, factor, term);
            l = Vector256.FusedMultiplyAdd(l, factor, term);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [GeneratedRegex(@"\w+|[^\w\s]")]
    private static partial Regex Words();
}
