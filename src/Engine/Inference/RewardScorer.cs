using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Inference;

/// <summary>What a reward model said.</summary>
/// <param name="Values">[sequences], in input order; NaN for those that have a problem.</param>
/// <param name="Problems">By sequence index.</param>
public sealed record RewardScores(float[] Values, IReadOnlyList<SequenceProblem> Problems);

/// <summary>
/// Scores texts with a reward model in ONNX. Batches change no score beyond the last digits: a text scored among others differs from the same
/// text scored alone by at most <see cref="Tolerance"/>, because sums are added up in another order. Many threads may use one scorer.
/// </summary>
public sealed class RewardScorer : IDisposable
{
    /// <summary>The largest |difference| ÷ (1 + |score|) between two batchings of a float32 model.</summary>
    public const double Tolerance = 1e-4;

    private readonly SequenceModel _model;
    private readonly int _outputIndex;
    private readonly int _sign;
    private readonly BatchOptions _batches;

    private RewardScorer(SequenceModel model, int outputIndex, int sign, BatchOptions batches) =>
        (_model, _outputIndex, _sign, _batches) = (model, outputIndex, sign, batches);

    /// <summary>Loads a reward model.</summary>
    /// <param name="runtime">Computes it; see <see cref="OnnxRuntime.Choose"/> for the provider.</param>
    /// <param name="path">Of its file.</param>
    /// <param name="outputIndex">Which number of those that it gives for a text is the score, from 0.</param>
    /// <param name="sign">1 when a higher number is a better text, −1 when a lower one is (a cost model).</param>
    /// <param name="session">How it is computed.</param>
    /// <param name="batches">How texts are put together.</param>
    /// <exception cref="InferenceException">The file is no reward model, or has no such output.</exception>
    public static RewardScorer Open(OnnxRuntime runtime, string path, int outputIndex, int sign, OnnxSessionOptions session, BatchOptions batches)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(outputIndex);
        if (sign is not (1 or -1))
            throw new ArgumentOutOfRangeException(nameof(sign), sign, "A sign is 1 or -1.");
        var model = SequenceModel.Open(runtime, path, session, "logits", "score", "scores");
        if (FindProblem(model, outputIndex) is not { } problem)
            return new(model, outputIndex, sign, batches);
        model.Dispose();
        throw new InferenceException(problem);
    }

    /// <summary>Loads the reward model that a manifest describes.</summary>
    /// <param name="runtime">Computes it.</param>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="manifest">Says which file, which of its numbers, and how long a text may be.</param>
    /// <param name="session">How it is computed.</param>
    /// <param name="batches">How texts are put together; the manifest's maximum length takes precedence.</param>
    public static RewardScorer Open(OnnxRuntime runtime, string folder, RewardModelManifest manifest, OnnxSessionOptions session, BatchOptions batches) =>
        Open(runtime, Path.Combine(folder, manifest.ModelFile), manifest.OutputIndex, manifest.Sign, session, batches with { MaximumLength = manifest.MaximumLength });

    /// <summary>One score for each sequence, higher is better. What has no score says why; it never becomes a number.</summary>
    /// <param name="sequences">In any order and of any length; they are sorted by length and put together here.</param>
    /// <param name="progress">After each batch, with sequences and tokens.</param>
    /// <param name="cancellation">Stops in the middle of a batch too.</param>
    public RewardScores Score(IReadOnlyList<TokenSequence> sequences, IProgress<InferenceProgress>? progress = null, CancellationToken cancellation = default)
    {
        var scores = new float[sequences.Count];
        Array.Fill(scores, float.NaN);
        var problems = _model.ForEachBatch(sequences, _batches, Read, progress, cancellation);
        return new(scores, problems);

        void Read(ReadOnlySpan<int> batch, int length, ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
        {
            var columns = values.Length / batch.Length;
            if (_outputIndex >= columns)
                throw new InferenceException($"{_model.Name} gave {columns} numbers for a text, so that there is no number {_outputIndex} (counted from 0).");
            // Looked at as a whole before any is taken: a refused batch is scored again, text by text.
            for (var row = 0; row < batch.Length; row++)
                if (values[(row * columns) + _outputIndex] is var score && !float.IsFinite(score))
                    throw new InferenceException($"{_model.Name} gave {NameOf(score)} for a text of {length:N0} tokens: its file may be damaged, or its numbers overflow in half precision.");
            for (var row = 0; row < batch.Length; row++)
                scores[batch[row]] = _sign * values[(row * columns) + _outputIndex];
        }
    }

    public void Dispose() => _model.Dispose();

    private static string? FindProblem(SequenceModel model, int outputIndex)
    {
        var shape = model.Output.Shape;
        if (shape.Count is not (1 or 2))
            return $"{model.Name} gives {model.Output}; a reward model gives [batch × numbers]. Is it exported for sequence classification?";
        var numbers = shape.Count == 1 ? 1 : shape[1].Size;
        return numbers >= 0 && outputIndex >= numbers
            ? $"{model.Name} gives {numbers} {(numbers == 1 ? "number" : "numbers")} for a text, so that there is no number {outputIndex} (counted from 0)."
            : null;
    }

    private static string NameOf(float score) => float.IsNaN(score) ? "no number (NaN)" : score > 0 ? "infinity" : "minus infinity";
}
