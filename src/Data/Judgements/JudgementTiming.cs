namespace PersonalLlm.Data.Judgements;

/// <summary>How an answer came about, as the annotator's page measured it. Null or empty where a page without script could not.</summary>
public sealed record JudgementTiming
{
    /// <summary>Time with the page in view and a sign of life in the last while.</summary>
    public int? ActiveMs { get; init; }

    /// <summary>Time away or without a sign of life, between the first showing and the submit.</summary>
    public int? IdleMs { get; init; }

    /// <summary>[positions]: how long each response was at least half in view while active, in the order of presentation.</summary>
    public int[] ExposureMs { get; init; } = [];

    /// <summary>[positions]: whether the annotator placed, moved or rated the response, in the order of presentation.</summary>
    public bool[] Touched { get; init; } = [];

    /// <summary>The ways in that were used: "tap", "drag", "keys", "form", joined by "+".</summary>
    public string Input { get; init; } = "";

    /// <summary>Width and height of the window in CSS pixels, "390x844".</summary>
    public string Viewport { get; init; } = "";
}
