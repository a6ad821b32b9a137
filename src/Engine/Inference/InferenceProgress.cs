namespace PersonalLlm.Engine.Inference;

/// <summary>How far a model has come with its texts.</summary>
/// <param name="Sequences">Done, whether with a result or a problem.</param>
/// <param name="SequencesInAll">To do.</param>
/// <param name="Tokens">Of the sequences done, without padding.</param>
/// <param name="TokensInAll">Of all sequences.</param>
public readonly record struct InferenceProgress(int Sequences, int SequencesInAll, long Tokens, long TokensInAll)
{
    /// <summary>0 when no time has passed.</summary>
    public double TokensPerSecond(TimeSpan elapsed) => elapsed > TimeSpan.Zero ? Tokens / elapsed.TotalSeconds : 0;

    /// <summary>
    /// How long the rest takes at the rate so far; null before the first token. The longest texts come first and cost the most for each token,
    /// so that this is rather too long than too short.
    /// </summary>
    public TimeSpan? Remaining(TimeSpan elapsed) => Tokens > 0 ? elapsed * ((TokensInAll - Tokens) / (double)Tokens) : null;
}
