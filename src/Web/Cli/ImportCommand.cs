using System.CommandLine;
using System.Text.Json;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Web.Features.Datasets;

namespace PersonalLlm.Web.Cli;

internal static class ImportCommand
{
    private const int ShownPerKind = 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Prompts with responses, JSONL or CSV, plain or gzip." };
        var name = new Option<string?>("--name") { Description = "Name of the data set; needed unless --dry-run.", HelpName = "name" };
        var licence = new Option<string>("--licence") { Description = "Licence of the texts, as you read it.", HelpName = "text", DefaultValueFactory = _ => "" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what is in the file and what is wrong with it; store nothing and need no database." };
        var json = new Option<string?>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file" };
        var command = new Command("import", "Import a data set, all of it or nothing.") { file, name, licence, dryRun, json };
        command.Validators.Add(parsed =>
        {
            if (!parsed.GetValue(dryRun) && string.IsNullOrWhiteSpace(parsed.GetValue(name)))
                parsed.AddError("Say --name NAME, or --dry-run.");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(file), parsed.GetValue(name), parsed.GetValue(licence)!, parsed.GetValue(dryRun), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string path, string? name, string licence, bool dryRun, string? json, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return CliOutput.Refuse($"There is no file {path}.");
        var words = CliOutput.WordsBeside(json);
        var source = DatasetSource.OfFile(path);
        DatasetInspection inspection;
        try
        {
            inspection = await DatasetInspector.InspectAsync(source, cancellation: cancellation);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return CliOutput.Refuse($"The file {path} cannot be read: {unreadable.Message}");
        }
        Describe(inspection, words);
        if (dryRun || !inspection.CanBeImported)
            return await FinishAsync(inspection, null, json);
        return await WithDatabase.RunAsync(async (services, token) =>
        {
            try
            {
                var outcome = await services.GetRequiredService<DatasetImporter>()
                    .ImportAsync(source, inspection, new ImportRequest(name!, licence), cancellation: token);
                if (outcome is not ImportOutcome.Refused)
                    words.WriteLine(outcome.Sentence);
                return await FinishAsync(inspection, outcome, json);
            }
            catch (Exception unreadable) when (unreadable is IOException or InvalidDataException)
            {
                return CliOutput.Refuse(unreadable.Message);
            }
        }, cancellation);
    }

    private static void Describe(DatasetInspection inspection, TextWriter words)
    {
        words.WriteLine($"{inspection.FileName}: {inspection.Format ?? "format not recognised"}, {Numbers.Count(inspection.Prompts, "prompt")}, {Numbers.Count(inspection.Responses, "response")}.");
        if (inspection.Prompts > 0)
            words.WriteLine(inspection.RewardVerdict);
        foreach (var group in inspection.Problems.GroupBy(problem => problem.Kind))
        {
            var count = inspection.ProblemCounts[group.Key];
            words.WriteLine($"{group.Key} ({Numbers.Count(count)}, {(group.First().IsFatal ? "stops the import" : "reported")}):");
            foreach (var problem in group.Take(ShownPerKind))
                words.WriteLine($"  {problem}");
            if (count > ShownPerKind)
                words.WriteLine($"  … and {Numbers.Count(count - ShownPerKind)} more.");
        }
    }

    private static async Task<int> FinishAsync(DatasetInspection inspection, ImportOutcome? outcome, string? json)
    {
        if (json is not null && await CliOutput.WriteAsync(json, stream => JsonSerializer.SerializeAsync(stream, Report.Of(inspection, outcome), Json)) is var failed and not 0)
            return failed;
        if (!inspection.CanBeImported)
            return CliOutput.Refuse($"{inspection.FileName} cannot be imported: {inspection.Problems.FirstOrDefault(problem => problem.IsFatal)?.ToString() ?? "it holds no prompt."}");
        return outcome is ImportOutcome.Refused refused ? CliOutput.Refuse(refused.Because) : 0;
    }

    /// <summary>What <c>--json</c> writes.</summary>
    private sealed record Report(
        string Outcome, int? DatasetId, string File, string ContentHash, string? Format, int Prompts, int Responses, int Subsets,
        IReadOnlyDictionary<string, int> ResponseModels, IReadOnlyList<RewardReport> Rewards,
        IReadOnlyDictionary<string, int> ProblemCounts, IReadOnlyList<DatasetProblem> Problems)
    {
        public static Report Of(DatasetInspection inspection, ImportOutcome? outcome) => new(
            outcome switch
            {
                ImportOutcome.Imported => "imported",
                ImportOutcome.AlreadyImported => "alreadyImported",
                ImportOutcome.Refused => "refused",
                _ => inspection.CanBeImported ? "dryRun" : "refused",
            },
            outcome switch
            {
                ImportOutcome.Imported imported => imported.DatasetId,
                ImportOutcome.AlreadyImported there => there.DatasetId,
                _ => null,
            },
            inspection.FileName, inspection.ContentHash, inspection.Format, inspection.Prompts, inspection.Responses, inspection.Subsets, inspection.ResponseModels,
            [.. inspection.Rewards.Select(reward => new RewardReport(
                reward.RewardModel, reward.Fitted.Mean, reward.Fitted.StandardDeviation, reward.Scale.ToString().ToLowerInvariant()))],
            inspection.ProblemCounts, inspection.Problems);
    }

    private sealed record RewardReport(string RewardModel, double Mean, double StandardDeviation, string Looks);
}
