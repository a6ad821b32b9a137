using System.CommandLine;
using System.Globalization;
using System.Text;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Features.Datasets;

namespace PersonalLlm.Web.Cli;

internal static class WeightsCommand
{
    public static Command Create()
    {
        var population = new PopulationFlags();
        var models = PopulationArguments.ModelCount();
        var csv = new Option<string>("--csv") { Description = "Where to write the weights, one row per user; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("weights", "Write the weights of a simulated population, with 17 digits.") { models, csv };
        population.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(csv);
            var spec = population.Spec(parsed, [.. Enumerable.Range(0, parsed.GetValue(models)).Select(modelIndex => $"w{modelIndex}")]);
            if (spec.FindProblem() is { } problem)
                return CliOutput.Refuse(problem);
            SimulatedUsers drawn;
            try
            {
                drawn = PopulationSampler.Sample(spec, cancellationToken);
            }
            catch (ArgumentException impossible)
            {
                return CliOutput.Refuse(impossible.Message);
            }
            if (spec.SmallestDistance is not null)
                CliOutput.WordsBeside(path).WriteLine($"{Numbers.Count(drawn.Count)} of {Numbers.Count(spec.Users, "user")} stayed.");
            return await CliOutput.WriteAsync(path, stream => WriteAsync(drawn, stream, cancellationToken));
        });
        return command;
    }

    private static async Task WriteAsync(SimulatedUsers users, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        await writer.WriteLineAsync(string.Join(',', users.Spec.RewardModels));
        var line = new StringBuilder();
        for (var userIndex = 0; userIndex < users.Count; userIndex++)
        {
            foreach (var weight in users.WeightsOf(userIndex))
                line.Append(line.Length > 0 ? "," : "").Append(weight.ToString("G17", CultureInfo.InvariantCulture));
            await writer.WriteLineAsync(line, cancellationToken);
            line.Clear();
        }
    }
}
