using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PersonalLlm.Engine.Inference;

/// <summary>What is known of a reward model before it is used: kept as <c>reward-model.json</c> beside its files.</summary>
/// <param name="Name">Its alias, by which weights and columns name it.</param>
/// <param name="Family">What it was made from, for example "deberta-v3-large".</param>
/// <param name="Source">Where it came from: an address or a sentence.</param>
/// <param name="Revision">Of its files; see <see cref="RevisionOf"/>.</param>
/// <param name="ModelFile">The ONNX file.</param>
/// <param name="WeightFiles">Files in which the model keeps weights outside the ONNX file; usually none.</param>
/// <param name="TokenizerFile">Hugging Face's <c>tokenizer.json</c>.</param>
/// <param name="ChatTemplate">The name of the template that makes one text of a prompt and a response.</param>
/// <param name="MaximumLength">Tokens that the model takes, special ones included; at least 1.</param>
/// <param name="OutputIndex">Which of the model's numbers is the score, from 0.</param>
/// <param name="Sign">1 when a higher number is a better response, −1 when a lower one is.</param>
/// <param name="Licence">SPDX identifier, or a sentence.</param>
/// <param name="Dtype">Of the weights.</param>
public sealed record RewardModelManifest(
    string Name,
    string Family,
    string Source,
    string Revision,
    string ModelFile,
    IReadOnlyList<string> WeightFiles,
    string TokenizerFile,
    string ChatTemplate,
    int MaximumLength,
    int OutputIndex,
    int Sign,
    string Licence,
    string Dtype)
{
    /// <summary>The manifest's own name in the folder of the model.</summary>
    public const string FileName = "reward-model.json";

    private static readonly string[] s_dtypes = ["float32", "float16", "bfloat16", "int8"];

    private static readonly string[] s_fields =
        ["name", "family", "source", "revision", "model", "weights", "tokenizer", "chatTemplate", "maximumLength", "outputIndex", "sign", "licence", "dtype"];

    /// <summary>Every file that makes a difference to a score, in ordinal order.</summary>
    public IReadOnlyList<string> Files => [.. WeightFiles.Append(ModelFile).Append(TokenizerFile).Order(StringComparer.Ordinal)];

    /// <summary>Reads a manifest strictly: every field there, none unknown or twice, each of its kind.</summary>
    /// <param name="json">UTF-8.</param>
    /// <returns>The manifest; or null and what is wrong, one sentence each.</returns>
    public static (RewardModelManifest? Manifest, IReadOnlyList<string> Problems) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, ["A manifest is a JSON object with the fields " + string.Join(", ", s_fields) + "."]);
            return Read(document.RootElement);
        }
        catch (JsonException problem)
        {
            return (null, [$"The manifest is not valid JSON: {problem.Message.TrimEnd('.')}."]);
        }
    }

    /// <summary>
    /// What identifies the model's files: the SHA-256 of the lines that <c>sha256sum</c> prints for them in ordinal order of their names. So
    /// <c>sha256sum model.onnx tokenizer.json | sha256sum</c> gives the same.
    /// </summary>
    /// <param name="open">Gives a file by its name; the stream is disposed here.</param>
    public string RevisionOf(Func<string, Stream> open)
    {
        var lines = new StringBuilder();
        foreach (var file in Files)
        {
            using var content = open(file);
            lines.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(file).Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    /// <summary>One sentence when the files are not those that the manifest was written for; null when they are.</summary>
    /// <param name="open">Gives a file by its name; the stream is disposed here.</param>
    public string? FindChange(Func<string, Stream> open) => RevisionOf(open) is var found && found == Revision ? null
        : $"The files of {Name} have the revision {found[..12]}…, but its manifest was written for {Revision[..12]}…: a file was changed or cut off since ({string.Join(", ", Files)}).";

    /// <summary>The manifest as a file: UTF-8, indented, fields in their order.</summary>
    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("name", Name);
            writer.WriteString("family", Family);
            writer.WriteString("source", Source);
            writer.WriteString("revision", Revision);
            writer.WriteString("model", ModelFile);
            writer.WriteStartArray("weights");
            foreach (var file in WeightFiles)
                writer.WriteStringValue(file);
            writer.WriteEndArray();
            writer.WriteString("tokenizer", TokenizerFile);
            writer.WriteString("chatTemplate", ChatTemplate);
            writer.WriteNumber("maximumLength", MaximumLength);
            writer.WriteNumber("outputIndex", OutputIndex);
            writer.WriteNumber("sign", Sign);
            writer.WriteString("licence", Licence);
            writer.WriteString("dtype", Dtype);
            writer.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static (RewardModelManifest?, IReadOnlyList<string>) Read(JsonElement root)
    {
        var fields = new ManifestFields(root, s_fields);
        var manifest = new RewardModelManifest(
            fields.Text("name"), fields.Text("family"), fields.Text("source"), fields.Sha256("revision"),
            fields.File("model"), fields.Files("weights"), fields.File("tokenizer"), fields.Text("chatTemplate"),
            fields.Integer("maximumLength", 1, 1 << 20), fields.Integer("outputIndex", 0, 1 << 16), fields.Sign("sign"),
            fields.Text("licence"), fields.OneOf("dtype", s_dtypes));
        if (fields.Problems.Count == 0 && manifest.Files.Distinct(StringComparer.Ordinal).Count() != manifest.Files.Count)
            fields.Problems.Add("Model, weights and tokenizer must be different files.");
        return (fields.Problems.Count == 0 ? manifest : null, fields.Problems);
    }
}
