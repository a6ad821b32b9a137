using System.CommandLine;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Cli;

internal static class SimulateCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "Prompts with responses, JSONL or CSV, plain or gzip. Without reward columns the ten attribute reward models are used.",
            HelpName = "file",
            Required = true,
        };
        var alpha = PopulationArguments.Alpha();
        var users = PopulationArguments.Users();
        var seed = PopulationArguments.Seed();
        var generator = PopulationArguments.Generator();
        var inverseTemperature = PopulationArguments.InverseTemperature();
        var json = new Option<string>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("simulate", "Draw simulated users, let them choose among the responses of a file, and measure how diverse their choices are.")
        {
            data, alpha, users, seed, generator, inverseTemperature, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var spec = new PopulationSpec(
                [], parsed.GetValue(alpha), parsed.GetValue(users), parsed.GetValue(seed), parsed.GetValue(generator), parsed.GetValue(inverseTemperature));
            var (report, refusal) = await FileSimulation.RunAsync(parsed.GetRequiredValue(data), spec, cancellationToken);
            return report is null
                ? CliOutput.Refuse(refusal!)
                : await CliOutput.WriteAsync(parsed.GetRequiredValue(json), stream => report.WriteAsync(stream, cancellationToken));
        });
        return command;
    }
}
