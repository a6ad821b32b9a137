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
        if (!File.Exists(path))
            return (null, $"There is no file {path}.");
        try
        {
            await using var stream = File.OpenRead(path);
            var sha256 = await ScoredFile.HashAsync(stream, cancellationToken);
            var table = await PersonaChoiceFile.ReadAsync(
                stream, [.. file.Prompts.Select(prompt => new ChoosablePrompt(prompt.Key, [.. prompt.Responses.Select(response => response.ResponseModel)]))], cancellationToken);
            return table.Problems.Where(problem => problem.IsFatal).ToArray() is { Length: > 0 } fatal
                ? (null, ScoredFile.Refusal(path, fatal))
                : (Measure(new ReportInput(Path.GetFileName(path), sha256, "choices of personas", OdditiesOf(table)), table, file, seed, cancellationToken), null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file {path} cannot be read: {unreadable.Message}");
        }
    }

    private static ReportOddity[] OdditiesOf(PersonaTable table) =>
        [.. table.Problems.GroupBy(problem => problem.Kind).Select(group => new ReportOddity(group.Key, group.Count()))];

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
