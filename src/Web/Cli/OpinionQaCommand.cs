using System.CommandLine;
using PersonalLlm.Web.Features.Population.Opinions;

namespace PersonalLlm.Web.Cli;

internal static class OpinionQaCommand
{
    public static Command Create()
    {
        var questions = Table("--questions", "CSV of the options: question_id, option, ordinal.");
        var choices = Table("--choices", "CSV of the reward models' choices from 0 to 1: question_id and a column for each.");
        var humans = Table("--humans", "CSV of people's answers: group, question_id, option, weight; the group overall is everybody.");
        var population = new PopulationFlags();
        var json = new Option<string>("--json") { Description = "Where to write the result; - is standard output.", HelpName = "file", Required = true };
        var command = new Command("opinionqa", "Say how well the answers of simulated users to questions with ordinal options represent groups of people.")
        {
            questions, choices, humans, json,
        };
        population.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (report, refusal) = await OpinionReport.MakeAsync(
                (parsed.GetRequiredValue(questions), parsed.GetRequiredValue(choices), parsed.GetRequiredValue(humans)),
                population.Spec(parsed, []),
                cancellationToken);
            return report is null
                ? CliOutput.Refuse(refusal!)
                : await CliOutput.WriteAsync(parsed.GetRequiredValue(json), stream => report.WriteAsync(stream, cancellationToken), words => Describe(report, words));
        });
        return command;
    }

    private static Option<string> Table(string name, string description) => new(name) { Description = description, HelpName = "file", Required = true };

    private static void Describe(OpinionReport report, TextWriter words)
    {
        EstimateTable.WritePopulation(words, report.Population);
        words.WriteLine();
        EstimateTable.Head(words, "representativeness", "by paper");
        foreach (var group in report.Groups.Prepend(report.Overall))
            EstimateTable.Row(words, group.Group, group.Range, EstimateTable.Value(group.PaperNormalizer));
    }
}
