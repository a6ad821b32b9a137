using System.Globalization;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>How these pages write counts and days.</summary>
internal static class Numbers
{
    public static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(int count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    public static string Day(DateTimeOffset moment) => moment.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
