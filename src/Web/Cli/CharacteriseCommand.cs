using System.CommandLine;
using System.CommandLine.Parsing;
using PersonalLlm.Engine.Population;
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
        var alpha = Optional(PopulationArguments.Alpha());
        var users = Optional(PopulationArguments.Users());
        var seed = Optional(PopulationArguments.Seed());
        var generator = PopulationArguments.Generator();
        var inverseTemperature = PopulationArguments.InverseTemperature();
        var pairs = PopulationArguments.PairsPerPrompt();
        var json = new Option<string>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("characterise", "Say how much annotators, people or simulated users, differ about pairs of responses, and how much room that leaves for personalisation.")
        {
            data, judgements, source, archetypes, alpha, users, seed, generator, inverseTemperature, pairs, json,
        };
        command.Validators.Add(result =>
        {
            if (Problem(result) is { } problem)
                result.AddError(problem);
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var seedValue = parsed.GetValue(seed);
            var (report, refusal) = parsed.GetValue(judgements) is { } people
                ? await Characterisation.OfJudgementsAsync(people, parsed.GetValue(source), seedValue, cancellationToken)
                : parsed.GetValue(archetypes)
                ? await Characterisation.OfArchetypesAsync(
                    parsed.GetValue(data)!, parsed.GetValue(inverseTemperature), seedValue, parsed.GetValue(pairs), cancellationToken)
                : await Characterisation.OfPopulationAsync(
                    parsed.GetValue(data)!,
                    new PopulationSpec(
                        [], parsed.GetValue(alpha), parsed.GetValue(users), seedValue, parsed.GetValue(generator), parsed.GetValue(inverseTemperature)),
                    parsed.GetValue(pairs), cancellationToken);
            return report is null
                ? CliOutput.Refuse(refusal!)
                : await CliOutput.WriteAsync(parsed.GetRequiredValue(json), stream => report.WriteAsync(stream, cancellationToken));
        });
        return command;

        string? Problem(CommandResult result)
        {
            if (IsGiven(data) == IsGiven(judgements))
                return "Either --data or --judgements is expected, and not both.";
            Option[] forSimulation = [archetypes, alpha, users, generator, inverseTemperature, pairs];
            if (IsGiven(judgements))
                return forSimulation.FirstOrDefault(IsGiven) is { } needless ? $"{needless.Name} goes with --data; people are as they are." : null;
            if (IsGiven(source))
                return "--source goes with --judgements.";
            if (IsGiven(archetypes))
                return new Option[] { alpha, users, generator }.FirstOrDefault(IsGiven) is { } drawn ? $"{drawn.Name} goes without --archetypes, whose users are the reward models." : null;
            return new Option[] { alpha, users, seed }.FirstOrDefault(option => !IsGiven(option)) is { } missing ? $"Option '{missing.Name}' is required with --data." : null;

            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
        }
    }

    private static Option<T> Optional<T>(Option<T> option)
    {
        option.Required = false;
        return option;
    }
}
