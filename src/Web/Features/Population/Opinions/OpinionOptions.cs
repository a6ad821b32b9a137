using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Population.Opinions;

/// <summary>Settings of the section "Opinions".</summary>
internal sealed class OpinionOptions
{
    /// <summary>Largest table that the import page takes, in megabytes.</summary>
    [Range(1, 1_000)]
    public int MaximumUploadMegabytes { get; set; } = 50;
}
