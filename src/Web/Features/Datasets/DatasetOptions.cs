using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Datasets;

/// <summary>Settings of the section "Datasets".</summary>
internal sealed class DatasetOptions
{
    /// <summary>Put the demo data set with its study and population into an empty database on the first start.</summary>
    public bool Demo { get; set; } = true;

    /// <summary>Largest file that the import page takes, in megabytes; the command line has no limit.</summary>
    [Range(1, 1_000_000)]
    public int MaximumUploadMegabytes { get; set; } = 2_048;
}
