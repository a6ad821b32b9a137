namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>How texts are made equally long.</summary>
/// <param name="TokenId">The token that fills.</param>
/// <param name="Side">Where it is put.</param>
/// <param name="Length">Tokens of every text that is not longer by itself; null is as long as the longest of the batch.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this; 1 leaves it.</param>
/// <param name="TypeId">The type of the token that fills.</param>
public sealed record Padding(int TokenId, TextSide Side = TextSide.Right, int? Length = null, int MultipleOf = 1, int TypeId = 0)
{
    internal static Padding? Read(JsonPart part)
    {
        if (part.IsAbsent)
            return null;
        part.Knows("strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token");
        return new(
            part["pad_id"].AsInteger(),
            Truncation.ReadSide(part["direction"]),
            ReadLength(part["strategy"]),
            Math.Max(1, part.Integer("pad_to_multiple_of") ?? 1),
            part["pad_type_id"].AsInteger());
    }

    private static int? ReadLength(JsonPart part)
    {
        if (part.Json.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            part.Knows("Fixed");
            return part["Fixed"].AsInteger();
        }
        return part.AsText() == "BatchLongest" ? null : throw part.Unsupported(part.AsText());
    }

    /// <summary>How long texts become, of which the longest has this many tokens.</summary>
    internal int LengthFor(int longest)
    {
        var length = Length ?? longest;
        return (length + MultipleOf - 1) / MultipleOf * MultipleOf;
    }
}
