namespace PersonalLlm.Engine.Datasets;

/// <summary>Finds the prompt that a row of a table beside a data set is about: by <c>prompt_id</c> or by <c>prompt_index</c>.</summary>
internal sealed class PromptPlaces(IReadOnlyList<ChoosablePrompt> prompts)
{
    private readonly Dictionary<string, int> promptOfKey = prompts.Select((prompt, promptIndex) => (prompt.Key, promptIndex)).ToDictionary();

    /// <summary>A field by its name; one without a value where the row has none of that name.</summary>
    public static Field FieldOf(Dictionary<string, Field> fields, string name) => fields.TryGetValue(name, out var field) ? field : new Field(name, null, null, "nothing");

    /// <exception cref="FieldException">The row names no prompt of the data set, or two.</exception>
    public int PromptOf(Dictionary<string, Field> fields)
    {
        var (id, index) = (FieldOf(fields, "prompt_id"), FieldOf(fields, "prompt_index"));
        if (id.IsMissing == index.IsMissing)
            throw new FieldException("Which prompt", id.IsMissing ? "neither prompt_id nor prompt_index is given." : "both prompt_id and prompt_index are given; one of them is expected.");
        if (id.IsMissing)
            return int.TryParse(index.ShortText(), out var number) && number >= 0 && number < prompts.Count
                ? number
                : throw new FieldException("Unknown prompt", $"prompt_index is {index.ShortText()}; expected a number from 0 to {prompts.Count - 1}.");
        return promptOfKey.TryGetValue(id.ShortText(), out var promptIndex)
            ? promptIndex
            : throw new FieldException("Unknown prompt", $"the data set has no prompt with the id \"{id.ShortText()}\".");
    }
}
