namespace PersonalLlm.Testing;

/// <summary>
/// Writes an encoder like BERT with weights drawn from a seed: token, position and type embeddings, layers of attention and feed-forward with
/// normalisation after each, and a head on the first token. It needs its attention mask as a trained one does.
/// </summary>
internal sealed record EncoderModel(int Layers, int Width, int Heads, int Vocabulary, int Positions)
{
    private const int Seed = 20_261_121;

    /// <summary>Numbers that the head gives for a text.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>A token whose embedding is not a number.</summary>
    public int? BrokenToken { get; init; }

    /// <summary>Whether it gives the vectors of all tokens ("last_hidden_state") instead of scores ("logits").</summary>
    public bool GivesTokens { get; init; }

    /// <summary>The name under which it takes token ids.</summary>
    public string IdsName { get; init; } = "input_ids";

    public bool HasMask { get; init; } = true;

    public byte[] Write()
    {
        var model = new OnnxWriter("encoder");
        var random = new Random(Seed);
        var ids = model.Input(IdsName, OnnxWriter.Int64, "batch", "length");
        var mask = HasMask ? model.Input("attention_mask", OnnxWriter.Int64, "batch", "length") : null;
        var types = model.Input("token_type_ids", OnnxWriter.Int64, "batch", "length");
        model.Constant<long>("first", [0], 1);
        model.Constant<long>("second", [1], 1);
        model.Constant<long>("third", [2], 1);
        model.Constant<float>("one", [1]);
        model.Constant<float>("half", [0.5f]);
        model.Constant<float>("root of two", [MathF.Sqrt(2)]);
        model.Constant<float>("root of head width", [MathF.Sqrt(Width / Heads)]);
        model.Constant<long>("into heads", [0, 0, Heads, Width / Heads], 4);
        model.Constant<long>("out of heads", [0, 0, Width], 3);

        var tokens = model.Node("Gather", [Weights("token embeddings", 0.02f, Vocabulary, Width), ids]);
        var length = model.Node("Slice", [model.Node("Shape", [ids]), "second", "third", "first"]);
        var positions = model.Node("Slice", [Weights("position embeddings", 0.02f, Positions, Width), "first", length, "first"]);
        var segments = model.Node("Gather", [Weights("type embeddings", 0.02f, 2, Width), types]);
        var x = Normalised(model.Node("Add", [model.Node("Add", [tokens, segments]), positions]), "embeddings");
        var hidden = mask is null ? null : Hidden();
        for (var layer = 0; layer < Layers; layer++)
            x = Layer(x, $"layer {layer}");
        if (GivesTokens)
        {
            model.Node("Identity", [x], "last_hidden_state");
            return model.Output("last_hidden_state", OnnxWriter.Float, "batch", "length", Width).ToArray();
        }
        model.Constant<long>("at first", [0]);
        var pooled = model.Node("Tanh", [Linear(model.Node("Gather", [x, "at first"], null, ("axis", 1L)), "pool", Width, Width, 0.05f)]);
        model.Node("Identity", [Linear(pooled, "head", Width, Outputs, 0.5f)], "logits");
        return model.Output("logits", OnnxWriter.Float, "batch", Outputs).ToArray();

        string Layer(string y, string name)
        {
            var queries = InHeads(y, $"{name} queries", 0, 2, 1, 3);
            var keys = InHeads(y, $"{name} keys", 0, 2, 3, 1);
            var values = InHeads(y, $"{name} values", 0, 2, 1, 3);
            var affinities = model.Node("Div", [model.Node("MatMul", [queries, keys]), "root of head width"]);
            var attention = model.Node("Softmax", [hidden is null ? affinities : model.Node("Add", [affinities, hidden])], null, ("axis", -1L));
            var context = model.Node("Transpose", [model.Node("MatMul", [attention, values])], null, ("perm", new long[] { 0, 2, 1, 3 }));
            var attended = Linear(model.Node("Reshape", [context, "out of heads"]), $"{name} context", Width, Width);
            y = Normalised(model.Node("Add", [attended, y]), $"{name} attention");
            var wide = Linear(y, $"{name} up", Width, 4 * Width);
            return Normalised(model.Node("Add", [Linear(Gelu(wide), $"{name} down", 4 * Width, Width), y]), $"{name} output");
        }

        string InHeads(string y, string name, params long[] order) =>
            model.Node("Transpose", [model.Node("Reshape", [Linear(y, name, Width, Width), "into heads"])], null, ("perm", order));

        string Linear(string y, string name, int inputs, int outputs, float deviation = 0.05f) =>
            model.Node("Add", [model.Node("MatMul", [y, Weights(name, deviation, inputs, outputs)]), Weights($"{name} bias", 0.02f, outputs)]);

        string Gelu(string y)
        {
            var erf = model.Node("Erf", [model.Node("Div", [y, "root of two"])]);
            return model.Node("Mul", [model.Node("Mul", [y, model.Node("Add", [erf, "one"])]), "half"]);
        }

        string Normalised(string y, string name) => model.Node("LayerNormalization",
            [y, model.Constant($"{name} scale", Enumerable.Repeat(1f, Width).ToArray(), Width), Weights($"{name} shift", 0.02f, Width)], null, ("axis", -1L), ("epsilon", 1e-12f));

        // (1 − mask) · −10,000 beside the affinities, as BERT has it.
        string Hidden()
        {
            model.Constant<float>("far below", [-10_000]);
            model.Constant<long>("as rows", [1, 2], 2);
            var shown = model.Node("Unsqueeze", [model.Node("Cast", [mask!], null, ("to", (long)OnnxWriter.Float)), "as rows"]);
            return model.Node("Mul", [model.Node("Sub", ["one", shown]), "far below"]);
        }

        string Weights(string name, float deviation, params int[] shape)
        {
            var numbers = new float[shape.Aggregate(1, (product, size) => product * size)];
            for (var index = 0; index < numbers.Length; index++)
                numbers[index] = deviation * Normal();
            if (name == "token embeddings" && BrokenToken is { } broken)
                numbers.AsSpan(broken * Width, Width).Fill(float.NaN);
            return model.Constant(name, numbers, Array.ConvertAll(shape, size => (long)size));
        }

        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }
}
