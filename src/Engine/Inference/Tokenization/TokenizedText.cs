namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>What a model reads of one text or a pair.</summary>
/// <param name="Ids">Token ids, special ones and padding included.</param>
/// <param name="TypeIds">Of each token: which text it belongs to, as the tokenizer's template says.</param>
/// <param name="AttentionMask">Of each token: 1, or 0 for padding.</param>
/// <param name="Truncated">Whether tokens were cut off, so that the model does not see the whole text.</param>
public sealed record TokenizedText(
    ReadOnlyMemory<int> Ids, ReadOnlyMemory<int> TypeIds, ReadOnlyMemory<int> AttentionMask, bool Truncated)
{
    /// <summary>Tokens, padding included.</summary>
    public int Length => Ids.Length;

    internal TokenizedText PaddedTo(int length, Padding padding)
    {
        if (Length >= length)
            return this;
        var at = padding.Side == TextSide.Left ? length - Length : 0;
        return this with
        {
            Ids = Padded(Ids, padding.TokenId),
            TypeIds = Padded(TypeIds, padding.TypeId),
            AttentionMask = Padded(AttentionMask, 0),
        };

        ReadOnlyMemory<int> Padded(ReadOnlyMemory<int> values, int filler)
        {
            var padded = new int[length];
            Array.Fill(padded, filler);
            values.CopyTo(padded.AsMemory(at));
            return padded;
        }
    }
}
