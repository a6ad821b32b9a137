using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Studies;

internal enum PromptChoice
{
    All,
    Sample,
    Subset,
}

/// <summary>What a researcher decides before a study exists.</summary>
internal sealed class StudyDesign
{
    [Required(ErrorMessage = "Give the study a name; annotators see it.")]
    [StringLength(200)]
    public string Name { get; set; } = "";

    [Range(1, int.MaxValue, ErrorMessage = "Choose a data set.")]
    public int DatasetId { get; set; }

    public PromptChoice Choice { get; set; }

    [Range(1, 1_000_000, ErrorMessage = "A sample has at least one prompt.")]
    public int SampleSize { get; set; } = 20;

    /// <summary>0 … 2³²−1. A long, because Blazor's number input knows no unsigned types.</summary>
    [Range(0, uint.MaxValue, ErrorMessage = "The seed is a whole number from 0 to 4,294,967,295.")]
    public long SampleSeed { get; set; }

    public string? Subset { get; set; }

    [Range(1, 1000, ErrorMessage = "Each prompt is ranked by 1 to 1,000 people.")]
    public int Overlap { get; set; } = 3;

    [StringLength(20_000)]
    public string Instructions { get; set; } =
        "Read the prompt, then the responses. Put them in the order in which **you** would like to get them.\n\n- Two responses that are equally good to you share a rank.\n- There are no right answers.";
}
