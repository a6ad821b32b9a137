using System.Globalization;
using PersonalLlm.Web.Features.Datasets;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Cli;

/// <summary>Estimates for a person to read, one in a line of eighty characters, the same in every culture.</summary>
internal static class EstimateTable
{
    public const int NameWidth = 34;

    public static void Head(TextWriter words, string of, string beside = "") => Row(words, of, "value", "95 % interval", "n", beside);

    /// <param name="words">Where to.</param>
    /// <param name="name">What is estimated.</param>
    /// <param name="estimate">Its reason takes the place of numbers where there are none.</param>
    /// <param name="beside">What somebody else printed.</param>
    public static void Row(TextWriter words, string name, ReportEstimate estimate, string beside = "")
    {
        if (estimate.Value is null)
            words.WriteLine($"{name,-NameWidth}       -  {estimate.UndefinedBecause}");
        else
            Row(words, name, Value(estimate), estimate.Low is { } low ? $"[{Fixed(low, 3)}, {Fixed(estimate.High!.Value, 3)}]" : "", Numbers.Count(estimate.N), beside);
    }

    public static string Value(ReportEstimate estimate) => estimate.Value is { } value ? Fixed(value, 3) : "-";

    public static string Percent(ReportEstimate share) => share.Value is { } value ? $"{Fixed(100 * value, 1)} %" : "-";

    public static string Fixed(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    public static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>"1,000 simulated users: alpha 0.05, …", and how many stayed.</summary>
    public static void WritePopulation(TextWriter words, ReportPopulation population)
    {
        words.WriteLine(
            $"{Numbers.Count(population.Users, "simulated user")}: alpha {population.Concentration}, inverse temperature {(population.InverseTemperature is { } beta ? Plain(beta) : "infinity")}, "
            + $"seed {Plain(population.Seed)}, {population.Generator}.");
        if (population.SmallestDistance is { } distance)
            words.WriteLine($"{Numbers.Count(population.Stayed)} of them stayed, none closer than {Plain(distance)} to another.");
    }

    private static void Row(TextWriter words, string name, string value, string interval, string n, string beside) =>
        words.WriteLine($"{name,-NameWidth}{value,8}  {interval,-16}{n,8}  {beside,9}".TrimEnd());
}
