using CsvHelper;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Datasets;

/// <summary>A prompt that personas choose on.</summary>
/// <param name="Key">The data set's own id of the prompt.</param>
/// <param name="ResponseModels">Which language model wrote each of its responses.</param>
public sealed record ChoosablePrompt(string Key, IReadOnlyList<string> ResponseModels);

/// <summary>One prompted persona and what it chose.</summary>
/// <param name="Name">Unique among the personas.</param>
/// <param name="Text">Who the persona is; empty when unknown.</param>
/// <param name="Choices">[prompts]: index of the chosen response, <see cref="NotAsked"/> or <see cref="Unusable"/>.</param>
public sealed record PersonaVotes(string Name, string Text, int[] Choices)
{
    /// <summary>The persona has not been asked about the prompt.</summary>
    public const int NotAsked = -1;

    /// <summary>The persona was asked, and the answer names no single response.</summary>
    public const int Unusable = -2;
}

/// <summary>What a file of personas' choices holds.</summary>
/// <param name="Personas">In the order in which the file first names them.</param>
/// <param name="Problems">In file order.</param>
public sealed record PersonaTable(IReadOnlyList<PersonaVotes> Personas, IReadOnlyList<DatasetProblem> Problems)
{
    public bool IsUsable => Personas.Count > 0 && !Problems.Any(problem => problem.IsFatal);
}

/// <summary>
/// Choices of personas over the prompts of a data set, as JSONL or CSV, plain or gzip: <c>persona</c>, <c>persona_text</c> (optional), <c>prompt_id</c> or
/// <c>prompt_index</c> (0-based), <c>choice</c>. A choice is the 0-based index of a response, its letter, a ranking such as <c>B,D=A,C</c> whose first choice counts,
/// or the name of the model that wrote it; nothing (null, an empty cell) is an answer that named no response.
/// </summary>
public static class PersonaChoiceFile
{
    public const int MostPersonas = 5_000;
    public const int MostChoices = 5_000_000;

    /// <summary>Longest text of a persona, in characters.</summary>
    public const int LongestText = 10_000;

    private static readonly string[] s_columns = ["persona", "persona_text", "prompt_id", "prompt_index", "choice"];

    /// <summary>Reads a whole file; the stream stays the caller's to dispose. It never throws for what the file contains.</summary>
    public static async Task<PersonaTable> ReadAsync(Stream stream, IReadOnlyList<ChoosablePrompt> prompts, CancellationToken cancellation = default)
    {
        var reader = new Reader(prompts);
        await TableRows.ReadAsync(stream, s_columns.Contains, HeaderProblem, reader.Add, reader.Problems, cancellation);
        return reader.ToTable();
    }

    /// <summary>Writes choices as CSV that <see cref="ReadAsync"/> reads back; prompts that a persona was not asked about have no row.</summary>
    public static async Task WriteAsync(
        Stream stream, IEnumerable<PersonaVotes> personas, IReadOnlyList<string> promptKeys, CancellationToken cancellation = default)
    {
        await stream.WriteAsync("persona,persona_text,prompt_id,choice\n"u8.ToArray(), cancellation);
        foreach (var persona in personas)
        {
            // Row by row into memory: the stream may be a response that takes no synchronous writes.
            using var rows = new MemoryStream();
            await using (var csv = CsvWriter.Create(rows, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true))
            {
                var text = persona.Text;
                for (var promptIndex = 0; promptIndex < persona.Choices.Length; promptIndex++)
                {
                    if (persona.Choices[promptIndex] == PersonaVotes.NotAsked)
                        continue;
                    csv.WriteRecord([persona.Name, text, promptKeys[promptIndex], persona.Choices[promptIndex] is >= 0 and var response ? $"{response}" : ""]);
                    // Once is enough, and a text may be long.
                    text = "";
                }
            }
            rows.Position = 0;
            await rows.CopyToAsync(stream, cancellation);
        }
    }

    private static DatasetProblem? HeaderProblem(string[] header) =>
        !header.Contains("persona") || !header.Contains("choice") || !(header.Contains("prompt_id") || header.Contains("prompt_index"))
            ? DatasetProblem.Fatal(1, "Missing columns",
                $"the header has {DatasetChecks.Listed(header)}; expected persona, prompt_id or prompt_index, choice, and persona_text if there are texts.")
            : null;

    private sealed class Reader(IReadOnlyList<ChoosablePrompt> prompts)
    {
        private readonly PromptPlaces places = new(prompts);
        private readonly OrderedDictionary<string, (int[] Choices, string? Text)> personas = new(StringComparer.Ordinal);

        private int count;

        public List<DatasetProblem> Problems { get; } = [];

        public PersonaTable ToTable()
        {
            if (personas.Count == 0 && Problems.Count == 0)
                Problems.Add(DatasetProblem.Fatal(0, "No choices", "The file names its columns but holds no choices."));
            return new([.. personas.Select(persona => new PersonaVotes(persona.Key, persona.Value.Text ?? "", persona.Value.Choices))], Problems);
        }

        public void Add(int lineNumber, IEnumerable<Field> row)
        {
            var fields = row.Where(field => s_columns.Contains(field.Name)).ToDictionary(field => field.Name);
            var name = PromptPlaces.FieldOf(fields, "persona").ShortText().Trim();
            var promptIndex = places.PromptOf(fields);
            var choice = ChoiceOf(lineNumber, PromptPlaces.FieldOf(fields, "choice"), prompts[promptIndex]);
            var (choices, text) = Persona(name);
            if (choices[promptIndex] != PersonaVotes.NotAsked)
                throw new FieldException("Chosen twice", $"persona \"{name}\" chooses on prompt {prompts[promptIndex].Key} a second time.");
            if (++count > MostChoices)
                throw new FieldException("Too many choices", $"there are more than {MostChoices} choices.");
            choices[promptIndex] = choice;
            personas[name] = (choices, TextOf(name, text, PromptPlaces.FieldOf(fields, "persona_text")));
        }

        private (int[] Choices, string? Text) Persona(string name)
        {
            if (personas.TryGetValue(name, out var known))
                return known;
            if (personas.Count == MostPersonas)
                throw new FieldException("Too many personas", $"persona \"{name}\" is one too many; at most {MostPersonas} are kept together.");
            var choices = new int[prompts.Count];
            Array.Fill(choices, PersonaVotes.NotAsked);
            personas.Add(name, (choices, null));
            return (choices, null);
        }

        private static string? TextOf(string name, string? known, Field field)
        {
            if (field.IsMissing)
                return known;
            var text = field.Text().Trim();
            if (text.Length > LongestText)
                throw new FieldException("Text too long", $"persona_text has {text.Length} characters; at most {LongestText} are kept.");
            return known is null || known == text ? text : throw new FieldException("Two texts", $"persona \"{name}\" has another text than on an earlier line.");
        }

        private int ChoiceOf(int lineNumber, Field field, ChoosablePrompt prompt)
        {
            if (field.OptionalShortText()?.Trim() is not { } said)
                return PersonaVotes.Unusable;
            var responses = prompt.ResponseModels.Count;
            if (int.TryParse(said, out var index))
                return index >= 0 && index < responses
                    ? index
                    : throw new FieldException("Unknown response", $"choice is {said}, but prompt {prompt.Key} has responses 0 to {responses - 1}.");
            if (said.All(letter => letter is (>= 'A' and <= 'Z') or ',' or '=' or ' ') && Ranking.TryParse(said, Ranking.MaximumResponses, out var ranking, out _))
                return OfRanking(lineNumber, said, ranking, prompt);
            return prompt.ResponseModels.Count(model => model == said) switch
            {
                1 => prompt.ResponseModels.ToList().IndexOf(said),
                0 => throw new FieldException("Unknown response",
                    $"choice is \"{said}\", which is neither a number, a letter, a ranking nor the model of a response of prompt {prompt.Key}."),
                _ => throw new FieldException("Unknown response", $"choice is \"{said}\", which wrote more than one response of prompt {prompt.Key}; give a number or a letter."),
            };
        }

        private int OfRanking(int lineNumber, string said, Ranking ranking, ChoosablePrompt prompt)
        {
            var responses = prompt.ResponseModels.Count;
            if (ranking.Tiers.SelectMany(tier => tier).Max() is var last && last >= responses)
                throw new FieldException("Unknown response",
                    $"choice is {said}, but prompt {prompt.Key} has responses A to {Ranking.Letter(responses - 1)}.");
            if (ranking.FirstChoices is [var first])
                return first;
            Problems.Add(DatasetProblem.Odd(lineNumber, "Tied first choices", $"choice is {said}, whose first choices are tied; it is kept as an answer that named no response."));
            return PersonaVotes.Unusable;
        }
    }
}
