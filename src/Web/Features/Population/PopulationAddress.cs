using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Population;

/// <summary>The part of an address that says which population is shown, as it stands there; null where it says nothing.</summary>
internal sealed record PopulationAddress(
    string? Alpha = null,
    string? Users = null,
    string? Seed = null,
    string? Beta = null,
    string? Generator = null,
    string? Distance = null,
    IReadOnlyList<string>? Models = null,
    string? User = null)
{
    public const int FewestUsers = 2;
    public const int MostUsers = 10_000;

    private const string Infinity = "infinity";
    private const string Nobody = "none";

    /// <summary>The population that the address asks for, without pins; a part that is missing or wrong is the base population's.</summary>
    /// <param name="basis">What the address changes.</param>
    /// <param name="available">Reward models of the data set.</param>
    /// <param name="problem">One sentence on the first part that is wrong; null when all are fine.</param>
    public PopulationSpec Read(PopulationSpec basis, IReadOnlyList<string> available, out string? problem)
    {
        problem = null;
        var spec = basis with { Users = Math.Clamp(basis.Users, FewestUsers, MostUsers), Pins = null };
        if (Models is { Count: > 0 })
        {
            if (Models.FirstOrDefault(name => !available.Contains(name)) is { } strange)
                problem ??= $"The data set has no reward model \"{strange}\".";
            else
                spec = Models.Concat(spec.RewardModels).Distinct().Aggregate(spec, (sofar, name) => PopulationForm.WithRewardModel(sofar, name, Models.Contains(name)));
        }
        if (Alpha is not null)
        {
            if (Concentration.Parse(Alpha) is not { } concentration || concentration.FindProblem(concentration.Models ?? 1) is not null
                || concentration.Average is < ConcentrationSlider.Smallest or > ConcentrationSlider.Largest)
                problem ??= $"alpha must be a number from {ConcentrationSlider.Smallest} to {ConcentrationSlider.Largest}, or one per reward model with commas between them, but it is \"{Alpha}\".";
            else if (concentration.FindProblem(spec.RewardModels.Count) is { } wrong)
                problem ??= wrong;
            else
                spec = spec with { Concentration = concentration };
        }
        if (Users is not null)
        {
            if (int.TryParse(Users, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= FewestUsers and <= MostUsers)
                spec = spec with { Users = count };
            else
                problem ??= $"users must be a whole number from {FewestUsers} to {MostUsers}, but it is \"{Users}\".";
        }
        if (Seed is not null)
        {
            if (uint.TryParse(Seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                spec = spec with { Seed = number };
            else
                problem ??= $"seed must be a whole number from 0 to {uint.MaxValue}, but it is \"{Seed}\".";
        }
        if (Beta is not null)
        {
            if (Beta == Infinity)
                spec = spec with { InverseTemperature = double.PositiveInfinity };
            else if (Number(Beta) is >= 0 and <= PopulationSpec.LargestInverseTemperature and var inverseTemperature)
                spec = spec with { InverseTemperature = inverseTemperature };
            else
                problem ??= $"beta must be a number of at least 0, or \"{Infinity}\", but it is \"{Beta}\".";
        }
        if (Generator is not null)
        {
            if (Enum.GetValues<WeightGenerator>().Where(one => PopulationSpec.NameOf(one) == Generator).ToArray() is [var generator])
                spec = spec with { Generator = generator };
            else
                problem ??= $"generator must be native or numpy-legacy, but it is \"{Generator}\".";
        }
        if (Distance is not null)
        {
            if (Distance == Nobody)
                spec = spec with { SmallestDistance = null };
            else if (Number(Distance) is { } distance && (spec with { SmallestDistance = distance }).FindProblem() is null)
                spec = spec with { SmallestDistance = distance };
            else
                problem ??= $"distance must be a number above 0 and below 1.414, or \"{Nobody}\", but it is \"{Distance}\".";
        }
        return spec;
    }

    /// <summary>The simulated user who is looked at.</summary>
    public int ReadUser(out string? problem)
    {
        problem = null;
        if (User is null)
            return 0;
        if (int.TryParse(User, NumberStyles.None, CultureInfo.InvariantCulture, out var userIndex))
            return userIndex;
        problem = $"user must be a whole number from 0 on, but it is \"{User}\".";
        return 0;
    }

    /// <summary>The address that shows this population again; without anything to say where it is the base population.</summary>
    /// <param name="path">Of the page, perhaps with a query.</param>
    /// <param name="basis">What the page shows without further words.</param>
    /// <param name="spec">What it is to show.</param>
    /// <param name="userIndex">The user who is looked at.</param>
    public static string Of(string path, PopulationSpec basis, PopulationSpec spec, int userIndex = 0)
    {
        var query = new List<KeyValuePair<string, string?>>();
        if (!spec.DrawsTheSameAs(basis))
        {
            query.AddRange(
            [
                new("alpha", spec.Concentration.ToString()),
                new("users", spec.Users.ToString(CultureInfo.InvariantCulture)),
                new("seed", spec.Seed.ToString(CultureInfo.InvariantCulture)),
                new("beta", TextOf(spec.InverseTemperature)),
            ]);
            if (spec.Generator != basis.Generator)
                query.Add(new("generator", PopulationSpec.NameOf(spec.Generator)));
            if (spec.SmallestDistance != basis.SmallestDistance)
                query.Add(new("distance", spec.SmallestDistance is { } distance ? distance.ToString("R", CultureInfo.InvariantCulture) : Nobody));
            if (!spec.RewardModels.SequenceEqual(basis.RewardModels))
                query.AddRange(spec.RewardModels.Select(name => KeyValuePair.Create<string, string?>("model", name)));
        }
        if (userIndex > 0)
            query.Add(new("user", userIndex.ToString(CultureInfo.InvariantCulture)));
        return QueryHelpers.AddQueryString(path, query);
    }

    /// <summary>β as it stands in an address.</summary>
    public static string TextOf(double inverseTemperature) =>
        double.IsPositiveInfinity(inverseTemperature) ? Infinity : inverseTemperature.ToString("R", CultureInfo.InvariantCulture);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
