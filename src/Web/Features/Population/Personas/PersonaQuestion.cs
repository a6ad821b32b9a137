using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>A prompt with its responses, as a persona is asked about it: nobody says who wrote them.</summary>
/// <param name="PromptIndex">In the data set.</param>
internal sealed record PersonaPrompt(int PromptIndex, string Text, IReadOnlyList<string> Responses);

/// <summary>What a chat model is told so that it chooses as a persona would, and how its answer is read.</summary>
internal static partial class PersonaQuestion
{
    /// <summary>Before the line "---" the system's message, after it the user's; words in braces are filled in.</summary>
    public const string Instruction = """
        You play a person who compares answers of assistants. This is the person:
        {persona}
        Stay in that role: judge only by what this person wants from an answer, not by what you would prefer.
        ---
        The person asked:

        {prompt}

        These are {count} answers, in no particular order.

        {answers}

        Which of them does the person like best? Reply with one letter only: {letters}.
        """;

    private const string Divider = "\n---\n";

    /// <summary>Which response stands under which letter: element 0 is A. Balanced over personas and prompts, so that no place is an advantage.</summary>
    public static int[] OrderOf(PersonaPrompt prompt, int personaIndex, uint seed) => PresentationOrder.Of(prompt.Responses.Count, personaIndex, prompt.PromptIndex, seed);

    /// <param name="instruction">As <see cref="Instruction"/>.</param>
    /// <param name="persona">Who chooses.</param>
    /// <param name="prompt">On what.</param>
    /// <param name="order">Response indexes in the order of the letters.</param>
    public static IReadOnlyList<ChatMessage> Make(string instruction, string persona, PersonaPrompt prompt, IReadOnlyList<int> order)
    {
        var answers = new StringBuilder();
        for (var place = 0; place < order.Count; place++)
            answers.Append(place == 0 ? "" : "\n\n").Append("<answer letter=\"").Append(Ranking.Letter(place)).Append("\">\n").Append(prompt.Responses[order[place]]).Append("\n</answer>");
        var parts = instruction.ReplaceLineEndings("\n").Split(Divider, 2);
        return parts.Length == 2
            ? [new(ChatRole.System, Fill(parts[0])), new(ChatRole.User, Fill(parts[1]))]
            : [new(ChatRole.User, Fill(parts[0]))];

        // In one pass over the instruction: braces in the texts themselves stay what they are.
        string Fill(string text) => Placeholder().Replace(text, place => place.Groups[1].Value switch
        {
            "persona" => persona,
            "prompt" => prompt.Text,
            "count" => $"{order.Count}",
            "answers" => answers.ToString(),
            _ => Letters(order.Count),
        });
    }

    /// <summary>The place of the letter that an answer consists of, or null: a letter that was offered, alone but for punctuation around it.</summary>
    public static int? Parse(string answer, int offered) =>
        OneLetter().Match(answer) is { Success: true } match && char.ToUpperInvariant(match.Groups[1].Value[0]) - 'A' is var place && place < offered ? place : null;

    private static string Letters(int count) =>
        count == 1 ? "A" : $"{string.Join(", ", Enumerable.Range(0, count - 1).Select(Ranking.Letter))} or {Ranking.Letter(count - 1)}";

    [GeneratedRegex(@"\{(persona|prompt|count|answers|letters)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A[\s\p{P}\p{S}]*([A-Za-z])[\s\p{P}\p{S}]*\z")]
    private static partial Regex OneLetter();
}
