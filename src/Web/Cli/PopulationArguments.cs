using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Cli;

/// <summary>The options that say which population is meant, read the same way in every culture.</summary>
internal static class PopulationArguments
{
    // A column of the CSV has a name each; more than this is a mistyped number of users.
    private const int MostModels = 10_000;

    public static Option<Concentration> Alpha() => new("--alpha")
    {
        Description = "Dirichlet concentration: near 0 a user is one reward model, at 1 all mixtures are equally likely. Above 0; one number, or one per reward model with commas between them.",
        HelpName = "number",
        Required = true,
        CustomParser = result => Concentration.Parse(Text(result)) is { } alpha && alpha.FindProblem(alpha.Models ?? 1) is null
            ? alpha
            : Refuse<Concentration>(
                result, $"The alpha must be a number above 0 (1e-9 to 1e9), or one per reward model with commas between them, but it is \"{Text(result)}\"."),
    };

    public static Option<double[]> Mean() => new("--mean")
    {
        Description = "Mean weights, one per reward model with commas between them, summing to 1: users scatter around them as closely as --alpha says.",
        HelpName = "numbers",
        CustomParser = result => Concentration.Parse(Text(result)) is { IsSymmetric: false } mean && Values(mean) is var shares && shares.All(share => share > 0) && Math.Abs(shares.Sum() - 1) <= 1e-6
            ? shares
            : Refuse<double[]>(result, $"The mean weights must be numbers above 0, one per reward model, that sum to 1, but they are \"{Text(result)}\"."),
    };

    public static Option<double?> SmallestDistance() => new("--smallest-distance")
    {
        Description = "Drop a user whose weights lie closer than this to those of an earlier one who stayed (PersonalLLM's code: 0.2). Above 0 and below 1.414.",
        HelpName = "number",
        CustomParser = result => Number(result, "smallest distance", value => value > 0 && value < Math.Sqrt(2), "a number above 0 and below 1.414"),
    };

    public static Option<string[]> RewardModels() => new("--models")
    {
        Description = "Which reward models of the file count, with commas between their names; --alpha and --mean then go by this order. Without it all, in the order of their names.",
        HelpName = "names",
        DefaultValueFactory = _ => [],
        CustomParser = result => [.. Text(result).Split(',').Select(name => name.Trim())],
    };

    public static Option<double[]> Sweep() => new("--sweep")
    {
        Description = "Further alphas, with commas between them: the same users drawn with each, and how diverse they are.",
        HelpName = "numbers",
        DefaultValueFactory = _ => [],
        CustomParser = result => Concentration.Parse(Text(result)) is { } alphas && alphas.FindProblem(alphas.Models ?? 1) is null
            ? Values(alphas)
            : Refuse<double[]>(result, $"The alphas to sweep must be numbers above 0 (1e-9 to 1e9), but they are \"{Text(result)}\"."),
    };

    public static Option<int> Users() => new("--users")
    {
        Description = "How many simulated users. At least 1.",
        HelpName = "count",
        Required = true,
        CustomParser = result => Whole(result, "users", 1, int.MaxValue),
    };

    public static Option<uint> Seed() => new("--seed")
    {
        Description = "The same seed gives the same users. 0 to 4294967295.",
        HelpName = "number",
        Required = true,
        CustomParser = result => uint.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Refuse<uint>(result, $"The seed must be a whole number from 0 to 4294967295, but it is \"{Text(result)}\"."),
    };

    public static Option<int> ModelCount() => new("--models")
    {
        Description = $"How many reward models the weights are over. 1 to {MostModels}.",
        HelpName = "count",
        Required = true,
        CustomParser = result => Whole(result, "models", 1, MostModels),
    };

    public static Option<WeightGenerator> Generator() => new("--generator")
    {
        Description = "native (default), or numpy-legacy: bit for bit scipy.stats.dirichlet.rvs(random_state=seed).",
        HelpName = "name",
        CustomParser = result =>
        {
            foreach (var generator in Enum.GetValues<WeightGenerator>())
                if (PopulationSpec.NameOf(generator) == Text(result))
                    return generator;
            return Refuse<WeightGenerator>(result, $"There is no generator \"{Text(result)}\"; use native or numpy-legacy.");
        },
    };

    public static Option<double> InverseTemperature() => new("--inverse-temperature")
    {
        Description = "Beta in P(r) ~ exp(beta * utility): 0 chooses at random, infinity always chooses the best.",
        HelpName = "number",
        DefaultValueFactory = _ => double.PositiveInfinity,
        CustomParser = result => Text(result).ToLowerInvariant() is "infinity" or "inf"
            ? double.PositiveInfinity
            : Number(
                result, "inverse temperature", value => value >= 0 && value <= PopulationSpec.LargestInverseTemperature, "a number from 0 to 1e9, or infinity"),
    };

    public static Option<int?> PairsPerPrompt() => new("--pairs-per-prompt")
    {
        Description = "How many pairs of a prompt's responses are compared, drawn at random. Without it all of them.",
        HelpName = "count",
        CustomParser = result => Whole(result, "pairs per prompt", 1, int.MaxValue),
    };

    private static double[] Values(Concentration concentration) => [.. Enumerable.Range(0, concentration.Models ?? 1).Select(modelIndex => concentration[modelIndex])];

    private static double Number(ArgumentResult result, string name, Func<double, bool> isAllowed, string expected) =>
        double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && isAllowed(value)
            ? value
            : Refuse<double>(result, $"The {name} must be {expected}, but it is \"{Text(result)}\".");

    private static int Whole(ArgumentResult result, string name, int least, int most) =>
        int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Refuse<int>(result, $"The number of {name} must be a whole number from {least} to {most}, but it is \"{Text(result)}\".");

    private static string Text(ArgumentResult result) => result.Tokens[0].Value;

    private static T Refuse<T>(ArgumentResult result, string because)
    {
        result.AddError(because);
        return default!;
    }
}
