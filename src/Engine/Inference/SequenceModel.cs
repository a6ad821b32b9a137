using System.Buffers;
using System.Collections.Concurrent;
using PersonalLlm.Engine.Inference.Onnx;

namespace PersonalLlm.Engine.Inference;

/// <summary>A model that reads tokens: the one path by which texts are scored and embedded. Many threads may use it at once.</summary>
internal sealed class SequenceModel : IDisposable
{
    private const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids", Positions = "position_ids";

    private readonly OnnxSession _session;
    private readonly OnnxValueInfo _output;
    private readonly int _outputPlace;

    private SequenceModel(OnnxSession session, string name, string[] preferredOutputs)
    {
        (_session, Name) = (session, name);
        foreach (var input in session.Inputs)
            if (input.Name is not (Ids or Mask or Types or Positions) || input.ElementType is not (OnnxElementType.Int64 or OnnxElementType.Int32) || input.Shape.Count != 2)
                throw new InferenceException($"{name} takes {input}, which no text has: a model here takes {Ids}, {Mask} and, if it wants, {Types} and {Positions}, each Int64 or Int32 [batch × length].");
        if (session.Inputs.All(input => input.Name != Ids))
            throw new InferenceException($"{name} has no input {Ids}; it takes {string.Join(", ", session.Inputs)}.");
        if (session.Inputs.All(input => input.Name != Mask))
            throw new InferenceException($"{name} has no input {Mask}, so that it would read padding as text; export it with one.");
        var names = session.Outputs.Select(output => output.Name).ToArray();
        _outputPlace = Math.Max(0, Array.FindIndex(names, preferredOutputs.Contains));
        _output = session.Outputs[_outputPlace];
        if (_output.ElementType is not (OnnxElementType.Float32 or OnnxElementType.Float16 or OnnxElementType.Float64))
            throw new InferenceException($"{name} gives {_output}; export it so that it gives Float32.");
    }

    public string Name { get; }

    /// <summary>What is read of each run.</summary>
    public OnnxValueInfo Output => _output;

    /// <param name="runtime">Computes it.</param>
    /// <param name="path">Of the model's file.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="preferredOutputs">Which output is read when the model has several; else the first.</param>
    /// <exception cref="InferenceException">The file is no model, or takes or gives something else.</exception>
    public static SequenceModel Open(OnnxRuntime runtime, string path, OnnxSessionOptions options, params string[] preferredOutputs)
    {
        var session = OnnxSession.Open(runtime, path, options);
        try
        {
            return new(session, Path.GetFileName(path), preferredOutputs);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Computes all sequences, batch by batch.</summary>
    /// <param name="sequences">In any order and of any length.</param>
    /// <param name="options">How they are put together.</param>
    /// <param name="read">
    /// Takes what the model gave for a batch: the sequences' indexes, the output row-major, and its shape, of which the first size is the
    /// number of sequences. Called from many threads when batches are parallel, each time with other sequences. It may refuse one with an
    /// <see cref="InferenceException"/> when it is alone.
    /// </param>
    /// <param name="progress">After each batch.</param>
    /// <param name="cancellation">Stops in the middle of a batch too.</param>
    /// <returns>The sequences without a result, by index.</returns>
    public IReadOnlyList<SequenceProblem> ForEachBatch(
        IReadOnlyList<TokenSequence> sequences, BatchOptions options, BatchReader read, IProgress<InferenceProgress>? progress, CancellationToken cancellation)
    {
        options.Check();
        var problems = new ConcurrentBag<SequenceProblem>();
        var fitting = new List<int>(sequences.Count);
        var done = new InferenceProgress(0, sequences.Count, 0, 0);
        for (var sequenceIndex = 0; sequenceIndex < sequences.Count; sequenceIndex++)
        {
            if (FindProblem(sequences[sequenceIndex], options.MaximumLength) is { } problem)
            {
                problems.Add(new(sequenceIndex, problem));
                done = done with { Sequences = done.Sequences + 1 };
                continue;
            }
            fitting.Add(sequenceIndex);
            done = done with { TokensInAll = done.TokensInAll + sequences[sequenceIndex].Length };
        }
        var batches = TokenBatches.Plan(fitting, sequenceIndex => sequences[sequenceIndex].Length, options.TokenBudget);
        var reporting = new Lock();
        if (options.ParallelBatches == 1)
            foreach (var batch in batches)
                Compute(batch);
        else
            Parallel.ForEach(Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = options.ParallelBatches, CancellationToken = cancellation }, Compute);
        return [.. problems.OrderBy(problem => problem.SequenceIndex)];

        void Compute(int[] batch)
        {
            foreach (var problem in ComputeBatch(sequences, batch, read, cancellation))
                problems.Add(problem);
            lock (reporting)
            {
                done = done with { Sequences = done.Sequences + batch.Length, Tokens = done.Tokens + batch.Sum(sequenceIndex => (long)sequences[sequenceIndex].Length) };
                progress?.Report(done);
            }
        }
    }

    public void Dispose() => _session.Dispose();

    private static string? FindProblem(TokenSequence sequence, int maximumLength)
    {
        if (sequence.Length == 0)
            return "The text has no tokens, so that there is nothing to read.";
        if (sequence.Length > maximumLength)
            return $"The text has {sequence.Length:N0} tokens, but the model takes at most {maximumLength:N0}.";
        return sequence.TypeIds.IsEmpty || sequence.TypeIds.Length == sequence.Length ? null
            : $"The text has {sequence.Length:N0} tokens, but {sequence.TypeIds.Length:N0} types of tokens.";
    }

    // One text that a model cannot take (a token beyond its vocabulary, more than its positions) must not cost its neighbours their results.
    private IEnumerable<SequenceProblem> ComputeBatch(IReadOnlyList<TokenSequence> sequences, int[] batch, BatchReader read, CancellationToken cancellation)
    {
        try
        {
            Run(sequences, batch, read, cancellation);
            return [];
        }
        catch (InferenceException problem) when (batch.Length == 1)
        {
            return [new(batch[0], problem.Message)];
        }
        catch (InferenceException)
        {
            return [.. batch.SelectMany(sequenceIndex => ComputeBatch(sequences, [sequenceIndex], read, cancellation))];
        }
    }

    private void Run(IReadOnlyList<TokenSequence> sequences, int[] batch, BatchReader read, CancellationToken cancellation)
    {
        var length = batch.Max(sequenceIndex => sequences[sequenceIndex].Length);
        var inputs = new (string, OnnxTensor)[_session.Inputs.Count];
        var rented = new List<Action>(inputs.Length);
        try
        {
            for (var place = 0; place < inputs.Length; place++)
            {
                var input = _session.Inputs[place];
                inputs[place] = (input.Name, input.ElementType == OnnxElementType.Int64
                    ? Fill<long>(input.Name, sequences, batch, length, rented) : Fill<int>(input.Name, sequences, batch, length, rented));
            }
            using var results = _session.Run(inputs, cancellation);
            var result = results[_outputPlace];
            if (result.Shape.Length == 0 || result.Shape[0] != batch.Length)
                throw new InferenceException($"{Name} was given {batch.Length} texts and gave [{string.Join(" × ", result.Shape.ToArray())}] as its output {_output.Name}.");
            Read(result, batch, length, read);
        }
        finally
        {
            foreach (var (_, tensor) in inputs)
                tensor?.Dispose();
            foreach (var giveBack in rented)
                giveBack();
        }
    }

    private OnnxTensor Fill<T>(string input, IReadOnlyList<TokenSequence> sequences, int[] batch, int length, List<Action> rented)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var array = ArrayPool<T>.Shared.Rent(batch.Length * length);
        rented.Add(() => ArrayPool<T>.Shared.Return(array));
        var values = array.AsMemory(0, batch.Length * length);
        for (var row = 0; row < batch.Length; row++)
        {
            var sequence = sequences[batch[row]];
            var cells = values.Span.Slice(row * length, length);
            // Behind the text everything is 0: the mask says that it is not there, so that no other number would change anything.
            cells[sequence.Length..].Clear();
            Write(input, sequence, cells[..sequence.Length]);
        }
        return OnnxTensor.Over(_session.Runtime, values, batch.Length, length);
    }

    private static void Write<T>(string input, TokenSequence sequence, Span<T> cells) where T : unmanaged, System.Numerics.INumber<T>
    {
        var numbers = input switch { Ids => sequence.Ids.Span, Types => sequence.TypeIds.Span, _ => default };
        if (input == Mask)
            cells.Fill(T.One);
        else if (input == Types && numbers.IsEmpty)
            cells.Clear();
        else
            for (var token = 0; token < cells.Length; token++)
                cells[token] = T.CreateTruncating(input == Positions ? token : numbers[token]);
    }

    private static void Read(OnnxTensor result, int[] batch, int length, BatchReader read)
    {
        if (result.ElementType == OnnxElementType.Float32)
        {
            read(batch, length, result.Values<float>(), result.Shape);
            return;
        }
        var wide = result.ElementType == OnnxElementType.Float16
            ? Array.ConvertAll(result.Values<Half>().ToArray(), number => (float)number)
            : Array.ConvertAll(result.Values<double>().ToArray(), number => (float)number);
        read(batch, length, wide, result.Shape);
    }
}

/// <summary>Takes what a model gave for a batch; see <see cref="SequenceModel.ForEachBatch"/>.</summary>
/// <param name="batch">Indexes of the sequences, one for each row.</param>
/// <param name="length">Tokens to which each was padded.</param>
/// <param name="values">Row-major.</param>
/// <param name="shape">Of the values; the first size is that of the batch.</param>
internal delegate void BatchReader(ReadOnlySpan<int> batch, int length, ReadOnlySpan<float> values, ReadOnlySpan<long> shape);
