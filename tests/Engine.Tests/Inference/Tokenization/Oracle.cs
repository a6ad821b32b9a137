using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

/// <summary>What the official library says: tokenizers of every kind, texts, and its answers.</summary>
/// <remarks>Made once by the scripts in <c>oracle</c> from npm's <c>tokenizers</c>, and kept until they change.</remarks>
public sealed class Oracle
{
    private readonly string folder;

    public Oracle()
    {
        folder = Path.Combine(Checkout.Folder, "artifacts", "tokenizer-oracle", HashOfScripts());
        if (!File.Exists(Path.Combine(folder, "index.json")))
            Make();
        Files = JsonSerializer.Deserialize<OracleFile[]>(File.ReadAllBytes(Path.Combine(folder, "index.json")), JsonSerializerOptions.Web)!;
        Texts = ReadTexts();
    }

    public IReadOnlyList<OracleFile> Files { get; }

    public IReadOnlyList<string> Texts { get; }

    private static string Scripts { get; } =
        Path.Combine(Checkout.Folder, "tests", "Engine.Tests", "Inference", "Tokenization", "oracle");

    public byte[] Json(OracleFile file) => File.ReadAllBytes(Path.Combine(folder, $"{file.Number}.json"));

    /// <summary>Each question with its answer: ids, then types and mask unless only ids were asked; null where the library refuses.</summary>
    public IEnumerable<(string Text, string? Pair, int[]? Answer)> Answers(OracleFile file)
    {
        var questions = Numbers(file.Kind);
        var answers = Numbers($"{file.Number}.answers");
        var at = 0;
        for (var question = 0; question < questions.Length; question += 2)
        {
            var length = answers[at++];
            var count = Math.Max(0, length) * (file.Kind == "pieces" ? 1 : 3);
            var answer = length < 0 ? null : answers[at..(at + count)];
            at += count;
            yield return (Texts[questions[question]], questions[question + 1] < 0 ? null : Texts[questions[question + 1]], answer);
        }
    }

    private int[] Numbers(string name) =>
        MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(Path.Combine(folder, name))).ToArray();

    private List<string> ReadTexts()
    {
        var numbers = Numbers("texts");
        var texts = new List<string>();
        for (var at = 0; at < numbers.Length; at += numbers[at] + 1)
            texts.Add(string.Concat(numbers.AsSpan(at + 1, numbers[at]).ToArray().Select(unit => (char)unit)));
        return texts;
    }

    private static string HashOfScripts()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var script in Directory.GetFiles(Scripts).Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(script));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <remarks>
    /// The scripts run from a copy, so that their folder never holds packages. Training is not repeatable to the last digit, so a folder is
    /// made elsewhere and moved into place whole; of two test runs at once, the first one's stays.
    /// </remarks>
    private void Make()
    {
        var all = Path.GetDirectoryName(folder)!;
        foreach (var outdated in Directory.Exists(all) ? Directory.GetDirectories(all).Where(other => File.Exists(Path.Combine(other, "index.json"))) : [])
            Directory.Delete(outdated, recursive: true);
        var workshop = Path.Combine(all, $"making-{Guid.NewGuid():N}");
        Directory.CreateDirectory(workshop);
        try
        {
            foreach (var script in Directory.GetFiles(Scripts))
                File.Copy(script, Path.Combine(workshop, Path.GetFileName(script)));
            Run(workshop, "npm", "ci", "--ignore-scripts", "--loglevel=error");
            Run(workshop, "node", "make.mjs", "made");
            if (!Directory.Exists(folder))
                Directory.Move(Path.Combine(workshop, "made"), folder);
        }
        finally
        {
            Directory.Delete(workshop, recursive: true);
        }
    }

    private static void Run(string workshop, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = workshop, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
    }
}

/// <param name="Name">Which tokenizer it is, in words.</param>
/// <param name="Kind">Which questions it was asked.</param>
/// <param name="Number">Of its files.</param>
public sealed record OracleFile(string Name, string Kind, string Number);

/// <summary>Runs only where Node.js is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OracleTheoryAttribute : TheoryAttribute
{
    public OracleTheoryAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))))
            Skip = "Node.js is not installed, so the official library cannot be asked.";
    }
}
