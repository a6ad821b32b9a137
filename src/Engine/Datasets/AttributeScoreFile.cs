using System.Globalization;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Engine.Datasets;

/// <summary>Attributes of all responses of a data set that another program scored, such as formality or emotion.</summary>
/// <param name="Names">The attributes, in the order in which the file first names them.</param>
/// <param name="Values">[responses × attributes], row-major, finite; empty when the file is not usable.</param>
/// <param name="Problems">In file order.</param>
public sealed record AttributeScores(IReadOnlyList<string> Names, double[] Values, IReadOnlyList<DatasetProblem> Problems);

/// <summary>
/// Scores of responses as JSONL or CSV, plain or gzip: <c>prompt_id</c> or <c>prompt_index</c> (0-based), <c>response</c> (its 0-based index, its letter, or the model that wrote it),
/// and a column of numbers for every attribute. Each response of the data set has one row.
/// </summary>
public static class AttributeScoreFile
{
    /// <summary>More would leave too few prompts per coefficient.</summary>
    public const int MostAttributes = 50;

    private static readonly string[] s_places = ["prompt_id", "prompt_index", "response"];

    /// <summary>Reads a whole file; the stream stays the caller's to dispose. It never throws for what the file contains.</summary>
    /// <param name="stream">The bytes of the file.</param>
    /// <param name="prompts">Those of the data set.</param>
    /// <param name="taken">Names that an attribute may not have.</param>
    /// <param name="cancellation">Checked between rows.</param>
    public static async Task<AttributeScores> ReadAsync(
        Stream stream, IReadOnlyList<ChoosablePrompt> prompts, IReadOnlyList<string> taken, CancellationToken cancellation = default)
    {
        var reader = new Reader(prompts, taken);
        await TableRows.ReadAsync(stream, _ => true, HeaderProblem, reader.Add, reader.Problems, cancellation);
        return reader.ToScores();
    }

    private static DatasetProblem? HeaderProblem(string[] header) =>
        !header.Contains("response") || !(header.Contains("prompt_id") || header.Contains("prompt_index")) || header.All(s_places.Contains)
            ? DatasetProblem.Fatal(1, "Missing columns", $"the header has {DatasetChecks.Listed(header)}; expected prompt_id or prompt_index, response, and a column for every attribute.")
            : null;

    private sealed class Reader(IReadOnlyList<ChoosablePrompt> prompts, IReadOnlyList<string> taken)
    {
        private readonly PromptPlaces places = new(prompts);
        private readonly double[][][] scores = [.. prompts.Select(prompt => new double[prompt.ResponseModels.Count][])];
        private string[]? names;

        public List<DatasetProblem> Problems { get; } = [];

        public AttributeScores ToScores()
        {
            if (names is null && Problems.Count == 0)
                Problems.Add(DatasetProblem.Fatal(0, "No scores", "The file names its columns but holds no scores."));
            for (var promptIndex = 0; promptIndex < prompts.Count && Problems.Count == 0; promptIndex++)
                if (Array.FindIndex(scores[promptIndex], row => row is null) is >= 0 and var response)
                    Problems.Add(DatasetProblem.Fatal(0, "No scores",
                        $"Response {Ranking.Letter(response)} of prompt {prompts[promptIndex].Key} has no scores; every response needs them."));
            return new AttributeScores(names ?? [], Problems.Any(problem => problem.IsFatal) ? [] : [.. scores.SelectMany(prompt => prompt.SelectMany(row => row))], Problems);
        }

        public void Add(int lineNumber, IEnumerable<Field> row)
        {
            var fields = row.ToDictionary(field => field.Name);
            var promptIndex = places.PromptOf(fields);
            var response = ResponseOf(PromptPlaces.FieldOf(fields, "response"), prompts[promptIndex]);
            names ??= NamesOf(fields.Keys);
            if (fields.Keys.FirstOrDefault(name => !s_places.Contains(name) && !names.Contains(name)) is { } further)
                throw new FieldException("Another attribute", $"{further} is an attribute that earlier lines do not have.");
            if (scores[promptIndex][response] is not null)
                throw new FieldException("Scored twice", $"response {Ranking.Letter(response)} of prompt {prompts[promptIndex].Key} is scored a second time.");
            scores[promptIndex][response] = Array.ConvertAll(names, name => ScoreOf(PromptPlaces.FieldOf(fields, name)));
        }

        private string[] NamesOf(IEnumerable<string> columns)
        {
            string[] attributes = [.. columns.Where(name => !s_places.Contains(name))];
            if (attributes.Length is 0 or > MostAttributes)
                throw new FieldException("How many attributes", $"there are {attributes.Length} attributes; 1 to {MostAttributes} are expected.");
            if (attributes.FirstOrDefault(name => string.IsNullOrWhiteSpace(name) || name.Length > Field.MaximumNameLength) is { } unusable)
                throw new FieldException("Name of an attribute", $"\"{unusable}\" is no name of an attribute: 1 to {Field.MaximumNameLength} characters are expected.");
            return attributes.FirstOrDefault(taken.Contains) is { } known
                ? throw new FieldException("Name of an attribute", $"{known} is counted here already; give the attribute another name.")
                : attributes;
        }

        // A cell of a CSV file is a text by nature; in JSON a number in quotation marks is as clear.
        private static double ScoreOf(Field field) =>
            double.TryParse(field.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score)
                ? score
                : throw new FieldException("Not a finite number", $"{field.Name} is {(field.Value is { } text ? $"\"{text}\"" : field.Found)}; expected a finite number.");

        private static int ResponseOf(Field field, ChoosablePrompt prompt)
        {
            var said = field.ShortText().Trim();
            var responses = prompt.ResponseModels.Count;
            var response = int.TryParse(said, out var number) ? number
                : said.Length == 1 && char.IsAsciiLetterUpper(said[0]) ? said[0] - 'A'
                : prompt.ResponseModels.Count(model => model == said) == 1 ? prompt.ResponseModels.ToList().IndexOf(said)
                : throw new FieldException("Unknown response", $"response is \"{said}\", which is neither a number, a letter nor the model of one response of prompt {prompt.Key}.");
            return response >= 0 && response < responses
                ? response
                : throw new FieldException("Unknown response", $"response is {said}, but prompt {prompt.Key} has responses 0 to {responses - 1}.");
        }
    }
}
