using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Attributes of the responses that another program scored, and where they came from.</summary>
internal sealed record ReportAttributeScores(ReportInput Input, AttributeScores Scores)
{
    /// <param name="path">See <see cref="AttributeScoreFile"/>.</param>
    /// <param name="file">What is scored.</param>
    /// <param name="cancellationToken">Checked while reading.</param>
    /// <returns>The scores, or one sentence saying why there are none.</returns>
    public static async Task<(ReportAttributeScores? Scores, string? Refusal)> ReadAsync(string path, ScoredFile file, CancellationToken cancellationToken)
    {
        var (read, refusal) = await TableBesideFile.ReadAsync(path, "scores of responses", async (stream, prompts) =>
        {
            var scores = await AttributeScoreFile.ReadAsync(stream, prompts, ResponseAttributes.Names, cancellationToken);
            return (scores, scores.Problems);
        }, file, cancellationToken);
        return read is not { } whole ? (null, refusal) : (new ReportAttributeScores(whole.Input, whole.Table), null);
    }
}
