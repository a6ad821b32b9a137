using System.Globalization;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>QUESTION [--name value]… [--serve], as the peers take them.</summary>
internal sealed class Arguments(string[] args)
{
    public string Question => args.Length > 0 ? args[0] : "";

    /// <summary>Run once per line of standard input instead of <c>--reps</c> times.</summary>
    public bool Serve => args.Contains("--serve");

    public string Text(string name, string fallback)
    {
        var index = Array.IndexOf(args, "--" + name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : fallback;
    }

    public int Integer(string name, int fallback) => int.Parse(Text(name, fallback.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public double Number(string name, double fallback) => double.Parse(Text(name, fallback.ToString("R", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
