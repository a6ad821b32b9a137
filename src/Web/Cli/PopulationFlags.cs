using System.CommandLine;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Cli;

/// <summary>The options that together say who the simulated users are: the same ones with every verb.</summary>
internal sealed class PopulationFlags
{
    public Option<Concentration> Alpha { get; } = PopulationArguments.Alpha();

    public Option<double[]> Mean { get; } = PopulationArguments.Mean();

    public Option<int> Users { get; } = PopulationArguments.Users();

    public Option<uint> Seed { get; } = PopulationArguments.Seed();

    public Option<WeightGenerator> Generator { get; } = PopulationArguments.Generator();

    public Option<double?> SmallestDistance { get; } = PopulationArguments.SmallestDistance();

    /// <summary>Adds them all.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Alpha, Mean, Users, Seed, Generator, SmallestDistance })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            // As written: the value of a number that is refused already cannot be asked for.
            if (result.GetResult(Mean) is not null && result.GetResult(Alpha)?.Tokens is [var alpha] && Concentration.Parse(alpha.Value) is { IsSymmetric: false })
                result.AddError("--mean goes with one --alpha, not with one per reward model.");
        });
    }

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">Without errors.</param>
    /// <param name="rewardModels">In the order that the numbers of --alpha and --mean are in.</param>
    public PopulationSpec Spec(ParseResult parsed, IReadOnlyList<string> rewardModels)
    {
        var alpha = parsed.GetValue(Alpha)!;
        return new PopulationSpec(
            rewardModels,
            parsed.GetValue(Mean) is [_, ..] mean ? Concentration.Around(mean, alpha.Average) : alpha,
            parsed.GetValue(Users), parsed.GetValue(Seed), parsed.GetValue(Generator))
        {
            SmallestDistance = parsed.GetValue(SmallestDistance),
        };
    }
}
