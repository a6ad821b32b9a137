using System.Numerics.Tensors;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Inference;

/// <summary>How one vector is made of those of all tokens.</summary>
public enum Pooling
{
    /// <summary>Their mean, padding left out.</summary>
    Mean,

    /// <summary>That of the first token, usually [CLS].</summary>
    FirstToken,
}

/// <summary>Vectors of texts.</summary>
/// <param name="Values">[sequences × dimensions], row-major, in input order; NaN for those that have a problem.</param>
/// <param name="Dimensions">Of each vector.</param>
/// <param name="Problems">By sequence index.</param>
public sealed record TextEmbeddings(float[] Values, int Dimensions, IReadOnlyList<SequenceProblem> Problems)
{
    public ReadOnlySpan<float> Of(int sequenceIndex) => Values.AsSpan(sequenceIndex * Dimensions, Dimensions);
}

/// <summary>Turns texts into vectors with an encoder in ONNX, by the same path as rewards. Many threads may use one embedder.</summary>
public sealed class TextEmbedder : IDisposable
{
    private readonly SequenceModel _model;
    private readonly Pooling _pooling;
    private readonly bool _isNormalised;
    private readonly BatchOptions _batches;

    private TextEmbedder(SequenceModel model, Pooling pooling, bool isNormalised, BatchOptions batches) =>
        (_model, _pooling, _isNormalised, _batches) = (model, pooling, isNormalised, batches);

    /// <summary>Numbers of each vector.</summary>
    public int Dimensions => (int)_model.Output.Shape[^1].Size;

    /// <summary>Loads an encoder.</summary>
    /// <param name="runtime">Computes it.</param>
    /// <param name="path">Of its file. It gives [batch × length × dimensions], or [batch × dimensions] when it pools by itself.</param>
    /// <param name="pooling">Ignored by an encoder that pools by itself.</param>
    /// <param name="isNormalised">Whether each vector is brought to length 1, so that a scalar product is a cosine.</param>
    /// <param name="session">How it is computed.</param>
    /// <param name="batches">How texts are put together.</param>
    /// <exception cref="InferenceException">The file is no encoder.</exception>
    public static TextEmbedder Open(OnnxRuntime runtime, string path, Pooling pooling, bool isNormalised, OnnxSessionOptions session, BatchOptions batches)
    {
        var model = SequenceModel.Open(runtime, path, session, "sentence_embedding", "last_hidden_state", "token_embeddings");
        if (model.Output.Shape is { Count: 2 or 3 } shape && shape[^1].Size > 0)
            return new(model, pooling, isNormalised, batches);
        model.Dispose();
        throw new InferenceException($"{model.Name} gives {model.Output}; an encoder gives [batch × length × dimensions] or [batch × dimensions], of a fixed number of dimensions.");
    }

    /// <summary>One vector for each sequence.</summary>
    /// <param name="sequences">In any order and of any length.</param>
    /// <param name="progress">After each batch.</param>
    /// <param name="cancellation">Stops in the middle of a batch too.</param>
    public TextEmbeddings Embed(IReadOnlyList<TokenSequence> sequences, IProgress<InferenceProgress>? progress = null, CancellationToken cancellation = default)
    {
        var dimensions = Dimensions;
        var vectors = new float[(long)sequences.Count * dimensions];
        Array.Fill(vectors, float.NaN);
        return new(vectors, dimensions, _model.ForEachBatch(sequences, _batches, Read, progress, cancellation));

        void Read(ReadOnlySpan<int> batch, int length, ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
        {
            var pooled = new float[batch.Length * dimensions];
            for (var row = 0; row < batch.Length; row++)
            {
                var vector = pooled.AsSpan(row * dimensions, dimensions);
                if (shape.Length == 2)
                    values.Slice(row * dimensions, dimensions).CopyTo(vector);
                else
                    Pool(values.Slice(row * length * dimensions, sequences[batch[row]].Length * dimensions), vector);
                Finish(vector);
            }
            for (var row = 0; row < batch.Length; row++)
                pooled.AsSpan(row * dimensions, dimensions).CopyTo(vectors.AsSpan(batch[row] * dimensions));
        }
    }

    public void Dispose() => _model.Dispose();

    private void Pool(ReadOnlySpan<float> tokens, Span<float> vector)
    {
        tokens[..vector.Length].CopyTo(vector);
        if (_pooling == Pooling.FirstToken)
            return;
        for (var start = vector.Length; start < tokens.Length; start += vector.Length)
            TensorPrimitives.Add(vector, tokens.Slice(start, vector.Length), vector);
        TensorPrimitives.Divide(vector, tokens.Length / vector.Length, vector);
    }

    private void Finish(Span<float> vector)
    {
        var length = TensorPrimitives.Norm(vector);
        if (!float.IsFinite(length))
            throw new InferenceException($"{_model.Name} gave a vector with numbers that are none (NaN or infinite): its file may be damaged, or its numbers overflow in half precision.");
        if (_isNormalised && length > 0)
            TensorPrimitives.Divide(vector, length, vector);
    }
}
