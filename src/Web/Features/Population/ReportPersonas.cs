using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Population;

/// <summary>What prompted personas chose on the prompts of a simulation, measured as the simulated users are.</summary>
/// <param name="Personas">How many there are.</param>
/// <param name="Choices">How many first choices they made.</param>
/// <param name="Unusable">How many answers named no single response.</param>
internal sealed record ReportPersonas(ReportInput Input, int Personas, int Choices, int Unusable, ReportMetrics Metrics)
{
    /// <param name="path">See <see cref="PersonaChoiceFile"/>.</param>
    /// <param name="file">What they chose on.</param>
    /// <param name="seed">Of the bootstraps.</param>
    /// <param name="cancellationToken">Checked while reading and between resamples.</param>
    /// <returns>The numbers, or one sentence saying why there are none.</returns>
    public static async Task<(ReportPersonas? Report, string? Refusal)> ReadAsync(string path, ScoredFile file, uint seed, CancellationToken cancellationToken)
    {
        var (report, refusal) = await TableBesideFile.ReadAsync(path, "choices of personas", async (stream, prompts) =>
        {
            var table = await PersonaChoiceFile.ReadAsync(stream, prompts, cancellationToken);
            return (table, table.Problems);
        }, file, cancellationToken);
        return report is not { } read ? (null, refusal) : (Measure(read.Input, read.Table, file, seed, cancellationToken), null);
    }

    private static ReportPersonas Measure(ReportInput input, PersonaTable table, ScoredFile file, uint seed, CancellationToken cancellationToken)
    {
        var counts = new double[file.Rewards.ResponseCount];
        var (choices, unusable) = (0, 0);
        foreach (var persona in table.Personas)
            for (var promptIndex = 0; promptIndex < persona.Choices.Length; promptIndex++)
                switch (persona.Choices[promptIndex])
                {
                    case >= 0 and var response:
                        counts[file.Rewards.FirstResponseOf(promptIndex) + response]++;
                        choices++;
                        break;
                    case PersonaVotes.Unusable:
                        unusable++;
                        break;
                }
        return new ReportPersonas(
            input,
            table.Personas.Count,
            choices,
            unusable,
            ReportMetrics.Of(
                file, new VoteCounts(file.Rewards.PromptStarts, counts), Estimate.Undefined("personas name a first choice and rank nothing"), seed, cancellationToken));
    }
}
