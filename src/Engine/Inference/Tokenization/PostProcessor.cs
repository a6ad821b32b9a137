namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>Sets special tokens round one sequence or between two, and says which type each token has.</summary>
/// <param name="Single">What becomes of one text.</param>
/// <param name="Pair">What becomes of a pair.</param>
internal sealed record PostProcessor(IReadOnlyList<PostProcessor.Step> Single, IReadOnlyList<PostProcessor.Step> Pair)
{
    private const int First = 0;
    private const int Second = 1;

    /// <summary>A sequence, by its index, or special tokens.</summary>
    internal readonly record struct Step(int SequenceIndex, int[] SpecialIds, int TypeId)
    {
        public bool IsSpecial => SpecialIds.Length > 0;
    }

    private static readonly PostProcessor None = new([Sequence(First, 0)], [Sequence(First, 0), Sequence(Second, 1)]);

    /// <summary>How many special tokens are added.</summary>
    public int CountOf(bool isPair) => (isPair ? Pair : Single).Sum(step => step.SpecialIds.Length);

    public static PostProcessor Read(JsonPart part)
    {
        if (part.IsAbsent)
            return None;
        var type = part["type"].AsText();
        switch (type)
        {
            case "ByteLevel":
                part.Knows("type", "add_prefix_space", "trim_offsets", "use_regex");
                return None;
            case "BertProcessing":
                part.Knows("type", "sep", "cls");
                var (separator, start) = (NamedId(part["sep"]), NamedId(part["cls"]));
                return new(
                    [Special(start, 0), Sequence(First, 0), Special(separator, 0)],
                    [Special(start, 0), Sequence(First, 0), Special(separator, 0), Sequence(Second, 1), Special(separator, 1)]);
            case "RobertaProcessing":
                part.Knows("type", "sep", "cls", "trim_offsets", "add_prefix_space");
                (separator, start) = (NamedId(part["sep"]), NamedId(part["cls"]));
                return new(
                    [Special(start, 0), Sequence(First, 0), Special(separator, 0)],
                    [Special(start, 0), Sequence(First, 0), Special(separator, 0), Special(separator, 0), Sequence(Second, 0), Special(separator, 0)]);
            case "TemplateProcessing":
                part.Knows("type", "single", "pair", "special_tokens");
                return new(Template(part, "single"), Template(part, "pair"));
            case "Sequence":
                part.Knows("type", "processors");
                var steps = part["processors"].Items().Select(Read).Where(processor => processor != None).ToArray();
                return steps.Length > 1 ? throw part["processors"].Refused("adds special tokens more than once, which is not supported")
                    : steps.SingleOrDefault(None);
            default:
                throw part["type"].Unsupported(type);
        }
    }

    /// <summary>Appends ids and types; sequences stand in the order of the template.</summary>
    public void Apply(IReadOnlyList<List<int>> sequences, bool addsSpecialTokens, List<int> ids, List<int> typeIds)
    {
        foreach (var step in sequences.Count > 1 ? Pair : Single)
        {
            if (!step.IsSpecial)
                ids.AddRange(sequences[step.SequenceIndex]);
            else if (addsSpecialTokens)
                ids.AddRange(step.SpecialIds);
            while (typeIds.Count < ids.Count)
                typeIds.Add(step.TypeId);
        }
    }

    private static Step Sequence(int index, int typeId) => new(index, [], typeId);

    private static Step Special(int id, int typeId) => new(-1, [id], typeId);

    private static int NamedId(JsonPart part) => part.Items().ToArray() is [_, var id]
        ? id.AsInteger()
        : throw part.Refused("is not a token with its id");

    private static Step[] Template(JsonPart part, string key)
    {
        var steps = part[key].Items().Select(step => ReadStep(step, part["special_tokens"])).ToArray();
        return key == "pair" || steps.All(step => step.SequenceIndex != Second)
            ? steps
            : throw part[key].Refused("asks for a second text");
    }

    private static Step ReadStep(JsonPart step, JsonPart specialTokens)
    {
        step.Knows("Sequence", "SpecialToken");
        var special = step["SpecialToken"];
        if (!special.IsAbsent)
        {
            var ids = specialTokens[special["id"].AsText()]["ids"];
            return ids.IsAbsent || !ids.Items().Any()
                ? throw special["id"].Refused("is not among special_tokens")
                : new(-1, [.. ids.Items().Select(id => id.AsInteger())], special["type_id"].AsInteger());
        }
        var sequence = step["Sequence"];
        return Sequence(
            sequence["id"].AsText() switch
            {
                "A" => First,
                "B" => Second,
                var other => throw sequence["id"].Unsupported(other),
            },
            sequence["type_id"].AsInteger());
    }
}
