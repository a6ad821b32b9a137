namespace PersonalLlm.Engine.Judgements;

/// <summary>An instrument with its settings: what is asked, and what may be said beside it.</summary>
public sealed record InstrumentSpec
{
    public Instrument Kind { get; init; } = Instrument.FullRanking;

    /// <summary>How many responses get a rank with <see cref="Instrument.TopK"/>; at least 1.</summary>
    public int TopK { get; init; } = 3;

    /// <summary>Points of the scale with <see cref="Instrument.Likert"/>, 2 … 10; 1 is worst.</summary>
    public int Points { get; init; } = 7;

    /// <summary>Steps of strength on each side with <see cref="Instrument.Pairwise"/>, 1 … 4: slightly better, better, much better …</summary>
    public int Strengths { get; init; } = 3;

    /// <summary>Whether two responses may be called equal.</summary>
    public bool AllowsTies { get; init; } = true;

    /// <summary>Whether "none is acceptable" may be said beside the answer or in place of it.</summary>
    public bool AllowsAllBad { get; init; } = true;

    /// <summary>Whether to ask how sure the annotator is, 1 … 5; answering stays optional.</summary>
    public bool AsksConfidence { get; init; }

    /// <summary>Whether to offer a free comment.</summary>
    public bool AsksComment { get; init; }

    /// <summary>Reasons to tick, in the words that annotators read; none when empty.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];
}
