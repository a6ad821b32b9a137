using System.Text.Json;
using PersonalLlm.Engine.Inference.Tokenization;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>How many characters per second does one core turn into token ids? Ask the official library the same with <c>benchmark.mjs</c>.</summary>
internal static class Tokenizing
{
    public static Job Prepare(Arguments arguments)
    {
        var file = arguments.Text("file", "tokenizer.json");
        using var stream = File.OpenRead(file);
        var tokenizer = Tokenizer.Load(stream);
        var texts = File.ReadLines(arguments.Text("texts", "texts.jsonl")).Select(line => JsonSerializer.Deserialize<string>(line)!).ToArray();
        var characters = texts.Sum(text => (long)text.Length);
        return new($"tokenizer/{Path.GetFileNameWithoutExtension(file)}", () =>
        {
            var tokens = 0L;
            var sum = 0L;
            foreach (var text in texts)
            {
                var ids = tokenizer.Encode(text).Ids.Span;
                tokens += ids.Length;
                foreach (var id in ids)
                    sum += id;
            }
            return new { characters, tokens, sum };
        });
    }
}
