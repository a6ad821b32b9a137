using System.Text;
using PersonalLlm.Engine.Inference;

namespace PersonalLlm.Engine.Tests.Inference;

public sealed class RewardModelManifestTests
{
    private static readonly Dictionary<string, byte[]> s_files = new()
    {
        ["model.onnx"] = Encoding.UTF8.GetBytes("weights"),
        ["tokenizer.json"] = Encoding.UTF8.GetBytes("{}"),
        ["model.onnx.data"] = Encoding.UTF8.GetBytes("more weights"),
    };

    private static readonly RewardModelManifest s_manifest = new(
        "deberta_v3_large", "deberta-v3-large", "https://example.org/reward — “held-out”", new string('a', 64),
        "model.onnx", ["model.onnx.data"], "tokenizer.json", "pair", 512, 0, -1, "MIT", "float32");

    [Fact]
    public void WhatIsWritten_IsReadBack()
    {
        var (read, problems) = RewardModelManifest.Read(s_manifest.Write());
        Assert.Empty(problems);
        Assert.Equal(s_manifest with { WeightFiles = [] }, read! with { WeightFiles = [] });
        Assert.Equal(s_manifest.WeightFiles, read.WeightFiles);
    }

    [Fact]
    public void TheRevision_IsWhatSha256sumGivesTwice()
    {
        // printf weights > model.onnx; printf 'more weights' > model.onnx.data; printf '{}' > tokenizer.json
        // sha256sum model.onnx model.onnx.data tokenizer.json | sha256sum
        Assert.Equal("9aabddac12fb5e96d6dae82f44cc4e9f2c4299490cbfa359b2bd682ab8d52851", s_manifest.RevisionOf(Open));
    }

    [Fact]
    public void AChangedFile_IsNoticed()
    {
        var sealedManifest = s_manifest with { Revision = s_manifest.RevisionOf(Open) };
        Assert.Null(sealedManifest.FindChange(Open));
        var problem = sealedManifest.FindChange(name => name == "tokenizer.json" ? new MemoryStream("{ }"u8.ToArray()) : Open(name));
        Assert.StartsWith("The files of deberta_v3_large have the revision ", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\": \"deberta_v3_large\"", "\"name\": \" \"", "The field name must be a text that is not empty, but is \" \".")]
    [InlineData("\"maximumLength\": 512", "\"maximumLength\": 0", "The field maximumLength must be a whole number from 1 to 1048576, but is 0.")]
    [InlineData("\"maximumLength\": 512", "\"maximumLength\": 512.5", "The field maximumLength must be a whole number from 1 to 1048576, but is 512.5.")]
    [InlineData("\"sign\": -1", "\"sign\": 2", "The field sign must be 1 (a higher number is better) or -1 (a lower one is), but is 2.")]
    [InlineData("\"dtype\": \"float32\"", "\"dtype\": \"fp32\"", "The field dtype must be one of float32, float16, bfloat16, int8, but is \"fp32\".")]
    [InlineData("\"model\": \"model.onnx\"", "\"model\": \"../model.onnx\"", "The field model must be the name of a file in the same folder, but is \"../model.onnx\".")]
    [InlineData("\"model\": \"model.onnx\"", "\"model\": \"..\"", "The field model must be the name of a file in the same folder, but is \"..\".")]
    [InlineData("\"model.onnx.data\"", "\"a\\\\b\"", "The field weights must be a list of names of files in the same folder, but is [\n    \"a\\\\b\"\n  ].")]
    [InlineData("\"model.onnx.data\"", "\"model.onnx\"", "Model, weights and tokenizer must be different files.")]
    [InlineData("\"revision\": \"aaaa", "\"revision\": \"AAAA", null)]
    [InlineData("\"licence\": \"MIT\"", "\"license\": \"MIT\"", "The field license is unknown; a manifest has name, family, source, revision, model, weights, tokenizer, chatTemplate, maximumLength, outputIndex, sign, licence, dtype.")]
    public void AWrongField_IsOneSentence(string right, string wrong, string? sentence)
    {
        var text = Encoding.UTF8.GetString(s_manifest.Write()).ReplaceLineEndings("\n");
        Assert.Contains(right, text, StringComparison.Ordinal);
        var (manifest, problems) = RewardModelManifest.Read(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Null(manifest);
        Assert.Equal(sentence ?? $"The field revision must be a SHA-256 of 64 lower-case hexadecimal digits, but is \"AAAA{new string('a', 55)}….", problems[0]);
    }

    [Fact]
    public void EveryMissingField_IsNamed()
    {
        var (manifest, problems) = RewardModelManifest.Read("{}"u8.ToArray());
        Assert.Null(manifest);
        Assert.Equal(13, problems.Count);
        Assert.Contains("The field licence is missing; it is a text that is not empty.", problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}")]
    [InlineData("{\"name\": \"a\",}")]
    public void WhatIsNoObject_IsRefused(string json)
    {
        var (manifest, problems) = RewardModelManifest.Read(Encoding.UTF8.GetBytes(json));
        Assert.Null(manifest);
        Assert.EndsWith(".", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static MemoryStream Open(string name) => new(s_files[name]);
}
