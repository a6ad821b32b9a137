namespace PersonalLlm.Engine.Judgements;

/// <summary>The question that an annotator answers about the responses of a prompt.</summary>
public enum Instrument
{
    /// <summary>Every response shown gets a rank; ties are allowed.</summary>
    FullRanking,

    /// <summary>The best few get a rank; the others are worse than those and not compared among themselves.</summary>
    TopK,

    /// <summary>One best and one worst response (Louviere, Flynn and Marley, 2015, "case 1"); those between are not compared among themselves.</summary>
    BestWorst,

    /// <summary>Two responses: which one, and how much better; or equal.</summary>
    Pairwise,

    /// <summary>Each response gets a rating of its own; equal ratings tie.</summary>
    Likert,
}
