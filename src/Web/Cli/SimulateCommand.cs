using System.CommandLine;
using PersonalLlm.Engine.Evaluation;
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
        var population = new PopulationFlags();
        var models = PopulationArguments.RewardModels();
        var inverseTemperature = PopulationArguments.InverseTemperature();
        var sweep = PopulationArguments.Sweep();
        var regress = new Option<bool>("--regress") { Description = "Regress each user's preferred against the worst response on what can be counted in the texts." };
        var attributes = new Option<string?>("--attributes")
        {
            Description = "With --regress: scores of the responses that another program gave (formality, emotion …), JSONL or CSV, plain or gzip: regressed on as well.",
            HelpName = "file",
        };
        var paperRank4 = new Option<bool>("--paper-rank4") { Description = "With --regress: against the fourth-ranked response, as PersonalLLM's code does." };
        var personas = new Option<string?>("--personas")
        {
            Description = "What prompted personas chose on the same prompts, JSONL or CSV, plain or gzip: measured alike, for comparison.",
            HelpName = "file",
        };
        var json = new Option<string>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("simulate", "Draw simulated users, let them choose among the responses of a file, and measure how diverse their choices are.")
        {
            data, models, inverseTemperature, sweep, personas, regress, attributes, paperRank4, json,
        };
        population.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(paperRank4) && !result.GetValue(regress))
                result.AddError("--paper-rank4 goes with --regress.");
            if (result.GetValue(attributes) is not null && !result.GetValue(regress))
                result.AddError("--attributes goes with --regress.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new SimulationRequest(
                parsed.GetRequiredValue(data),
                population.Spec(parsed, parsed.GetValue(models)!) with { InverseTemperature = parsed.GetValue(inverseTemperature) },
                parsed.GetValue(sweep)!,
                parsed.GetValue(personas),
                parsed.GetValue(regress)
                    ? new RegressionRequest(parsed.GetValue(paperRank4) ? RegressionContrast.PaperRank4 : RegressionContrast.BestWorst, parsed.GetValue(attributes))
                    : null);
            var (report, refusal) = await FileSimulation.RunAsync(request, new CliProgress(), cancellationToken);
            CliProgress.Clear();
            return report is null
                ? CliOutput.Refuse(refusal!)
                : await CliOutput.WriteAsync(
                    parsed.GetRequiredValue(json), stream => report.WriteAsync(stream, cancellationToken), words => SimulationSummary.Write(report, words));
        });
        return command;
    }
}
