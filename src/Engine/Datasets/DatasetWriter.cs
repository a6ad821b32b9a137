using System.Text.Encodings.Web;
using System.Text.Json;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Writes records in PersonalLLM's columns as JSONL; reading them again gives equal records.</summary>
public static class DatasetWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one record as one line. Rewards keep their exact 32-bit value (shortest digits that read back).</summary>
    public static async Task WriteAsync(Stream stream, PromptRecord record, CancellationToken cancellation = default)
    {
        await using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("prompt", record.Text);
            json.WriteString("subset", record.Subset);
            json.WriteString("prompt_id", record.Key);
            for (var responseIndex = 0; responseIndex < record.Responses.Count; responseIndex++)
            {
                json.WriteString($"response_{responseIndex + 1}", record.Responses[responseIndex].Text);
                json.WriteString($"response_{responseIndex + 1}_model", record.Responses[responseIndex].ResponseModel);
            }
            for (var responseIndex = 0; responseIndex < record.Responses.Count; responseIndex++)
                foreach (var (alias, reward) in record.Responses[responseIndex].Rewards)
                    json.WriteNumber($"response_{responseIndex + 1}_{alias}", reward);
            json.WriteEndObject();
            await json.FlushAsync(cancellation);
        }
        await stream.WriteAsync("\n"u8.ToArray(), cancellation);
    }
}
