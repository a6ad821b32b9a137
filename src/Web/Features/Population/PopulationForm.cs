using System.Globalization;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Population;

/// <summary>A specification while somebody is still changing it.</summary>
public sealed class PopulationForm
{
    public const int MostUsers = 10_000;

    public string Name { get; set; } = "";
    public double Concentration { get; set; } = 0.1;
    public int Users { get; set; } = 1000;
    public uint Seed { get; set; }
    public WeightGenerator Generator { get; set; }

    /// <summary>Empty: infinite.</summary>
    public double? InverseTemperature { get; set; }

    public HashSet<string> RewardModels { get; } = new(StringComparer.Ordinal);

    public static PopulationForm Of(PopulationSpec spec)
    {
        var form = new PopulationForm
        {
            Concentration = spec.Concentration.Average,
            Users = spec.Users,
            Seed = spec.Seed,
            Generator = spec.Generator,
            InverseTemperature = double.IsPositiveInfinity(spec.InverseTemperature) ? null : spec.InverseTemperature,
        };
        form.RewardModels.UnionWith(spec.RewardModels);
        return form;
    }

    /// <summary>Reward models in ordinal order, the order of columns and weights.</summary>
    public PopulationSpec ToSpec() => new(
        [.. RewardModels.Order(StringComparer.Ordinal)], Concentration, Math.Clamp(Users, 2, MostUsers), Seed, Generator, InverseTemperature ?? double.PositiveInfinity);

    /// <summary>The command that writes the same weights, without any database.</summary>
    public static string WeightsCommand(PopulationSpec spec) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run --project src/Web -- weights --alpha {spec.Concentration} --users {spec.Users} --seed {spec.Seed} --models {spec.RewardModels.Count} --generator {PopulationSpec.NameOf(spec.Generator)} --csv weights.csv");
}
