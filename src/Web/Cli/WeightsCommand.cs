using System.CommandLine;
using System.Globalization;
using System.Text;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Cli;

internal static class WeightsCommand
{
    public static Command Create()
    {
        var alpha = PopulationArguments.Alpha();
        var users = PopulationArguments.Users();
        var seed = PopulationArguments.Seed();
        var models = PopulationArguments.Models();
        var generator = PopulationArguments.Generator();
        var csv = new Option<string>("--csv") { Description = "Where to write the weights, one row per user; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("weights", "Write the weights of a simulated population, with 17 digits.") { alpha, users, seed, models, generator, csv };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] names = [.. Enumerable.Range(0, parsed.GetValue(models)).Select(modelIndex => $"w{modelIndex}")];
            var spec = new PopulationSpec(names, parsed.GetValue(alpha), parsed.GetValue(users), parsed.GetValue(seed), parsed.GetValue(generator));
            SimulatedUsers drawn;
            try
            {
                drawn = PopulationSampler.Sample(spec, cancellationToken);
            }
            catch (ArgumentException impossible)
            {
                return CliOutput.Refuse(impossible.Message);
            }
            return await CliOutput.WriteAsync(parsed.GetRequiredValue(csv), stream => WriteAsync(drawn, stream, cancellationToken));
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
