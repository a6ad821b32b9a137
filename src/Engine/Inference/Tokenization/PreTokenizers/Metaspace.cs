namespace PersonalLlm.Engine.Inference.Tokenization.PreTokenizers;

/// <summary>SentencePiece's way with spaces: they become a visible mark, and words begin with it.</summary>
internal sealed class Metaspace(char mark, Metaspace.Scheme scheme, bool splits) : PreTokenizer
{
    /// <summary>Where a mark is put before a piece that has none.</summary>
    internal enum Scheme
    {
        Always,
        First,
        Never,
    }

    public static Metaspace From(JsonPart part)
    {
        part.Knows("type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
        var scheme = part.Text("prepend_scheme") switch
        {
            null or "always" => Scheme.Always,
            "first" => Scheme.First,
            "never" => Scheme.Never,
            var other => throw part["prepend_scheme"].Unsupported(other),
        };
        if (!part.Flag("add_prefix_space", true))
        {
            if (!part["prepend_scheme"].IsAbsent && scheme != Scheme.Never)
                throw part["add_prefix_space"].Refused("is false, which contradicts prepend_scheme");
            scheme = Scheme.Never;
        }
        return new(part.Character("replacement"), scheme, part.Flag("split", true));
    }

    public override void Split(ReadOnlySpan<char> piece, bool beginsText, Pieces target)
    {
        var isPrepended = piece[0] != ' ' && piece[0] != mark
            && (scheme == Scheme.Always || scheme == Scheme.First && beginsText);
        for (var start = 0; start < piece.Length;)
        {
            // The next word begins at the next mark.
            var next = splits ? piece[(start + 1)..].IndexOfAny(' ', mark) : -1;
            var word = next < 0 ? piece[start..] : piece.Slice(start, next + 1);
            var prefix = isPrepended && start == 0 ? 1 : 0;
            var room = target.Room(prefix + word.Length);
            room[0] = mark;
            word.Replace(room[prefix..], ' ', mark);
            target.Commit(room.Length, beginsText && start == 0);
            start += word.Length;
        }
    }
}
