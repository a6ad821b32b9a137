using PersonalLlm.Engine.Inference;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference;

/// <summary>A folder of models that goes away again.</summary>
internal sealed class ModelFiles : IDisposable
{
    /// <summary>Two layers of 32 numbers, 50 tokens, texts of up to 64.</summary>
    public static readonly EncoderModel Small = new(Layers: 2, Width: 32, Heads: 4, Vocabulary: 50, Positions: 64);

    public string Folder { get; } = Directory.CreateTempSubdirectory("personalllm-models").FullName;

    public string Add(EncoderModel model, string name = "model.onnx") => Add(model.Write(), name);

    public string Add(byte[] bytes, string name)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Texts of 1 to 60 tokens, of both types.</summary>
    public static TokenSequence[] Texts(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Text(random))];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static TokenSequence Text(Random random)
    {
        var length = random.Next(1, 61);
        return new(Numbers(length, 50), Numbers(length, 2));

        int[] Numbers(int count, int below) => [.. Enumerable.Range(0, count).Select(_ => random.Next(below))];
    }
}
