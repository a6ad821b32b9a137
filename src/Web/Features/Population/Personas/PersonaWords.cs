using System.Globalization;
using PersonalLlm.Data.Population;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>How these pages say things.</summary>
internal static class PersonaWords
{
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    public static string Status(PersonaStatus status) => status switch { PersonaStatus.Running => "running", PersonaStatus.Paused => "paused", _ => "complete" };

    public static string Look(PersonaStatus status) => status switch { PersonaStatus.Running => "accent", PersonaStatus.Paused => "warn", _ => "good" };

    public static string Source(PersonaProvenance provenance) => provenance.Model ?? provenance.File ?? "";

    public static string Left(TimeSpan left) =>
        left < TimeSpan.FromMinutes(1.5) ? $"about {Count((long)Math.Ceiling(left.TotalSeconds), "second")}"
        : left < TimeSpan.FromHours(1.5) ? $"about {Count((long)Math.Round(left.TotalMinutes), "minute")}"
        : $"about {Count((long)Math.Round(left.TotalHours), "hour")}";
}
