namespace PersonalLlm.Web.Features.Datasets;

/// <summary>What a person decides about an import.</summary>
/// <param name="Name">Of the data set; unique.</param>
/// <param name="Licence">As the person confirmed it.</param>
/// <param name="ImportedById">The account; null from the command line.</param>
internal sealed record ImportRequest(string Name, string Licence, Guid? ImportedById = null)
{
    public string Description { get; init; } = "";
    public bool IsDemo { get; init; }
}

/// <summary>How an import ended: a closed set.</summary>
internal abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>The outcome in one sentence.</summary>
    public abstract string Sentence { get; }

    public sealed record Imported(int DatasetId, string Name, int Prompts, int Responses) : ImportOutcome
    {
        public override string Sentence => $"Imported {Numbers.Count(Prompts, "prompt")} with {Numbers.Count(Responses, "response")} as \u201c{Name}\u201d.";
    }

    /// <summary>A data set with the same content exists; nothing was written.</summary>
    public sealed record AlreadyImported(int DatasetId, string Name) : ImportOutcome
    {
        public override string Sentence => $"This file was imported before, as \u201c{Name}\u201d; nothing was written.";
    }

    /// <summary>Nothing was written, because of this.</summary>
    public sealed record Refused(string Because) : ImportOutcome
    {
        public override string Sentence => Because;
    }
}
