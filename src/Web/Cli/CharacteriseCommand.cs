using System.CommandLine;
using System.CommandLine.Parsing;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Cli;

internal static class CharacteriseCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Prompts with responses, as for simulate: simulated users compare the responses.", HelpName = "file" };
        var judgements = new Option<string?>("--judgements") { Description = "Choices or rankings of people with their ids, JSONL, plain or gzip.", HelpName = "file" };
        var source = new Option<string?>("--source") { Description = "With --judgements: only those of this source.", HelpName = "name" };
        var archetypes = new Option<bool>("--archetypes") { Description = "With --data: every reward model is a user, in place of --alpha and --users." };
        var population = new PopulationFlags();
        foreach (var option in new Option[] { population.Alpha, population.Users, population.Seed })
            option.Required = false;
        var models = PopulationArguments.RewardModels();
        var inverseTemperature = PopulationArguments.InverseTemperature();
        var pairs = PopulationArguments.PairsPerPrompt();
        var json = new Option<string>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("characterise", "Say how much annotators, people or simulated users, differ about pairs of responses, and how much room that leaves for personalisation.")
        {
            data, judgements, source, archetypes, models, inverseTemperature, pairs, json,
        };
        population.AddTo(command);
        command.Validators.Add(result =>
        {
            if (Problem(result) is { } problem)
                result.AddError(problem);
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var seedValue = parsed.GetValue(population.Seed);
            var (report, refusal) = parsed.GetValue(judgements) is { } people
                ? await Characterisation.OfJudgementsAsync(people, parsed.GetValue(source), seedValue, cancellationToken)
                : parsed.GetValue(archetypes)
                ? await Characterisation.OfArchetypesAsync(
                    parsed.GetValue(data)!, parsed.GetValue(models)!, parsed.GetValue(inverseTemperature), seedValue, parsed.GetValue(pairs), cancellationToken)
                : await Characterisation.OfPopulationAsync(
                    parsed.GetValue(data)!,
                    population.Spec(parsed, parsed.GetValue(models)!) with { InverseTemperature = parsed.GetValue(inverseTemperature) },
                    parsed.GetValue(pairs), cancellationToken);
            return report is null
                ? CliOutput.Refuse(refusal!)
                : await CliOutput.WriteAsync(parsed.GetRequiredValue(json), stream => report.WriteAsync(stream, cancellationToken), words => Describe(report, words));
        });
        return command;

        string? Problem(CommandResult result)
        {
            if (IsGiven(data) == IsGiven(judgements))
                return "Either --data or --judgements is expected, and not both.";
            Option[] forDrawing = [population.Alpha, population.Users, population.Mean, population.Generator, population.SmallestDistance];
            Option[] forSimulation = [archetypes, .. forDrawing, models, inverseTemperature, pairs];
            if (IsGiven(judgements))
                return forSimulation.FirstOrDefault(IsGiven) is { } needless ? $"{needless.Name} goes with --data; people are as they are." : null;
            if (IsGiven(source))
                return "--source goes with --judgements.";
            if (IsGiven(archetypes))
                return forDrawing.FirstOrDefault(IsGiven) is { } drawn ? $"{drawn.Name} goes without --archetypes, whose users are the reward models." : null;
            return new Option[] { population.Alpha, population.Users, population.Seed }.FirstOrDefault(option => !IsGiven(option)) is { } missing ? $"Option '{missing.Name}' is required with --data." : null;

            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
        }
    }

    private static void Describe(CharacterisationReport report, TextWriter words)
    {
        words.WriteLine(
            $"{report.Input.File}: {Numbers.Count(report.Counts.Labels, "label")} by {Numbers.Count(report.Counts.Annotators)} annotators ({report.AnnotatorsAre}) on "
            + $"{Numbers.Count(report.Counts.Pairs, "pair")} of {Numbers.Count(report.Counts.Prompts, "prompt")}; {Numbers.Count(report.Counts.Ties, "tie")}, {Numbers.Count(report.Counts.Repeats, "repeat")}.");
        if (report.Population is { } population)
            EstimateTable.WritePopulation(words, population);
        words.WriteLine();
        var characteristics = report.Characteristics;
        EstimateTable.Head(words, "");
        EstimateTable.Row(words, "pairs not unanimous", characteristics.Divergence);
        EstimateTable.Row(words, "  minority of at least 30 %", characteristics.HighDivergence);
        foreach (var (name, majority) in new[] { ("agrees with the majority", characteristics.WithSelf), ("agrees with the others' majority", characteristics.WithoutSelf) })
        {
            EstimateTable.Row(words, name, majority.Mean);
            EstimateTable.Row(words, "  lowest annotator", majority.Lowest);
            EstimateTable.Row(words, "  highest annotator", majority.Highest);
            EstimateTable.Row(words, "  annotators below one half", majority.MinorityUsers);
        }
        EstimateTable.Row(words, "consistency", characteristics.Consistency);
        EstimateTable.Row(words, "room for personalisation", characteristics.RoomForPersonalization);
    }
}
