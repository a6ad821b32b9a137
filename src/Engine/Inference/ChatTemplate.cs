namespace PersonalLlm.Engine.Inference;

/// <summary>Who speaks in a conversation.</summary>
public enum ChatRole
{
    System,
    User,
    Assistant,
}

/// <summary>One turn of a conversation.</summary>
public sealed record ChatTurn(ChatRole Role, string Text);

/// <summary>What stands round a turn's text.</summary>
public sealed record TurnMarks(string Before, string After);

/// <summary>How a conversation is written down for one family of reward models.</summary>
/// <remarks>
/// Declared, not programmed: the chat templates of reward models amount to marks round turns, and a manifest that states them can be read by
/// whoever checks a reward. The text holds the special tokens, so it is encoded without adding them again.
/// </remarks>
/// <param name="Name">By which a manifest asks for it.</param>
/// <param name="User">Round what the user says.</param>
/// <param name="Assistant">Round what the assistant says.</param>
/// <param name="System">Round the system's text; null for models that were trained without one, which refuse it.</param>
/// <param name="Beginning">Stands once, before all turns.</param>
/// <param name="Ending">Stands once, after all turns.</param>
/// <param name="TrimsTurns">Whether spaces at both ends of a turn's text go.</param>
public sealed record ChatTemplate(
    string Name, TurnMarks User, TurnMarks Assistant, TurnMarks? System = null, string Beginning = "", string Ending = "", bool TrimsTurns = false)
{
    /// <summary>The templates that are known by name.</summary>
    public static IReadOnlyList<ChatTemplate> ReadyMade { get; } =
    [
        // Meta-Llama-3-Instruct
        new("llama3", Header("user"), Header("assistant"), Header("system"), Beginning: "<|begin_of_text|>", TrimsTurns: true),
        // Mistral-7B-Instruct-v0.2; version 0.1 had a space after each </s>
        new("mistral", new("[INST] ", " [/INST]"), new("", "</s>"), Beginning: "<s>"),
        // gemma-it
        new("gemma", GemmaTurn("user"), GemmaTurn("model"), Beginning: "<bos>", TrimsTurns: true),
        // OpenHermes, Qwen, Yi
        new("chatml", ImTurn("user"), ImTurn("assistant"), ImTurn("system")),
        // zephyr-7b
        new("zephyr", new("<|user|>\n", "</s>\n"), new("<|assistant|>\n", "</s>\n"), new("<|system|>\n", "</s>\n")),
        // OpenAssistant's Pythia reward models
        new("oasst", new("<|prompter|>", "<|endoftext|>"), new("<|assistant|>", "<|endoftext|>"), new("<|system|>", "<|endoftext|>")),
        // Anthropic's HH-RLHF data
        new("hh", new("\n\nHuman: ", ""), new("\n\nAssistant: ", "")),
        // PKU-Alignment's Beaver
        new("beaver", new("USER: ", " "), new("ASSISTANT:", ""), Beginning: "BEGINNING OF CONVERSATION: "),
    ];

    /// <exception cref="ArgumentException">There is no template of that name.</exception>
    public static ChatTemplate Named(string name) => ReadyMade.FirstOrDefault(template => template.Name == name)
        ?? throw new ArgumentException(
            $"There is no chat template \"{name}\"; known ones are {string.Join(", ", ReadyMade.Select(template => template.Name))}.");

    /// <summary>A prompt and a response to it.</summary>
    public string Render(string prompt, string response) =>
        Render([new(ChatRole.User, prompt), new(ChatRole.Assistant, response)]);

    /// <exception cref="ArgumentException">A system turn for a model that was trained without one.</exception>
    public string Render(IEnumerable<ChatTurn> turns) => $"{Beginning}{string.Concat(turns.Select(Render))}{Ending}";

    private string Render(ChatTurn turn)
    {
        var marks = turn.Role switch
        {
            ChatRole.User => User,
            ChatRole.Assistant => Assistant,
            _ => System ?? throw new ArgumentException($"The chat template \"{Name}\" has no place for a system text."),
        };
        return $"{marks.Before}{(TrimsTurns ? turn.Text.Trim() : turn.Text)}{marks.After}";
    }

    private static TurnMarks Header(string role) => new($"<|start_header_id|>{role}<|end_header_id|>\n\n", "<|eot_id|>");

    private static TurnMarks GemmaTurn(string role) => new($"<start_of_turn>{role}\n", "<end_of_turn>\n");

    private static TurnMarks ImTurn(string role) => new($"<|im_start|>{role}\n", "<|im_end|>\n");
}
