using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Judgements;

internal sealed class JudgementOptions
{
    public const string Section = "Judgements";

    /// <summary>How long a prompt is kept for an annotator after the last sign of life; every saved draft renews it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(30);
}
