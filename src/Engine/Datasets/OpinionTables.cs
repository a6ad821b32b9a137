using System.Globalization;
using CsvHelper;

namespace PersonalLlm.Engine.Datasets;

/// <summary>A question with ordinal options.</summary>
/// <param name="Id">The file's own id.</param>
/// <param name="Options">Labels, in file order.</param>
/// <param name="Ordinals">[options]: where an option lies on the scale; at least two differ.</param>
public sealed record OpinionQuestion(string Id, IReadOnlyList<string> Options, IReadOnlyList<double> Ordinals)
{
    /// <summary>The question in words; empty where the file has none.</summary>
    public string Text { get; init; } = "";
}

/// <summary>How a group of people answered a question.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="QuestionIndex">0-based.</param>
/// <param name="Weights">[options]: counts or shares, at least 0 and not all 0.</param>
public sealed record OpinionAnswers(string Group, int QuestionIndex, IReadOnlyList<double> Weights);

/// <summary>
/// Questions, the reward models' choices and people's answers, from three CSV files with a header: <c>question_id, option, ordinal</c>, and <c>text</c> if it has one (one row per option);
/// <c>question_id</c> and a column per reward model with its choice in [0, 1] (one row per question); <c>group, question_id, option, weight</c>.
/// </summary>
/// <param name="Questions">In file order.</param>
/// <param name="RewardModels">In ordinal order of their names.</param>
/// <param name="Choices">[questions × reward models], row-major, in [0, 1].</param>
/// <param name="Answers">One per group and question that the file holds; groups in the order of the file.</param>
public sealed record OpinionTables(
    IReadOnlyList<OpinionQuestion> Questions, IReadOnlyList<string> RewardModels, double[] Choices, IReadOnlyList<OpinionAnswers> Answers)
{
    /// <summary>The group whose answers are those of everybody.</summary>
    public const string Everybody = "overall";

    /// <summary>Reads the three files; the first problem ends it.</summary>
    /// <returns>The tables, or one sentence that begins with the table's name and says what is wrong.</returns>
    public static async Task<(OpinionTables? Tables, string? Problem)> ReadAsync(Stream questions, Stream choices, Stream humans, CancellationToken cancellation = default)
    {
        var table = "questions";
        try
        {
            var asked = QuestionsOf(await RowsAsync(questions, ["question_id", "option", "ordinal"], cancellation));
            table = "choices";
            var (models, chosen) = ChoicesOf(await RowsAsync(choices, ["question_id"], cancellation), asked);
            table = "humans";
            return (new OpinionTables(asked, models, chosen, AnswersOf(await RowsAsync(humans, ["group", "question_id", "option", "weight"], cancellation), asked)), null);
        }
        catch (FieldException wrong)
        {
            return (null, $"{table}: {wrong.Message}");
        }
        catch (CsvFormatException broken)
        {
            return (null, $"{table}: line {broken.LineNumber} cannot be read as CSV.");
        }
    }

    private static OpinionQuestion[] QuestionsOf(List<Row> rows)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var row in rows)
            if (!seen.Add((row["question_id"], row["option"])))
                throw Wrong($"line {row.Line}: question {row["question_id"]} has the option \"{row["option"]}\" already; name each option once.");
        var hasText = rows[0].Columns.Contains("text");
        return [.. rows.GroupBy(row => row["question_id"]).Select(group =>
        {
            double[] ordinals = [.. group.Select(row => row.Number("ordinal"))];
            return ordinals.Distinct().Count() > 1
                ? new OpinionQuestion(group.Key, [.. group.Select(row => row["option"])], ordinals) { Text = hasText ? group.First()["text"] : "" }
                : throw Wrong($"line {group.First().Line}: question {group.Key} needs at least two options with different ordinals; leave it out of all three tables or give it another option.");
        })];
    }

    private static (string[] Models, double[] Choices) ChoicesOf(List<Row> rows, OpinionQuestion[] questions)
    {
        string[] models = [.. rows[0].Columns.Where(column => column != "question_id").Order(StringComparer.Ordinal)];
        if (models.Length == 0)
            throw Wrong("there is no column of a reward model; add one for each, headed with its name.");
        var byQuestion = new Dictionary<string, Row>();
        foreach (var row in rows)
            if (!byQuestion.TryAdd(row["question_id"], row))
                throw Wrong($"line {row.Line}: question {row["question_id"]} has a row already; keep one of the two.");
        var choices = new double[questions.Length * models.Length];
        for (var questionIndex = 0; questionIndex < questions.Length; questionIndex++)
        {
            if (!byQuestion.TryGetValue(questions[questionIndex].Id, out var row))
                throw Wrong($"there are no choices for question {questions[questionIndex].Id}; add a row, or leave the question out of the other tables.");
            for (var modelIndex = 0; modelIndex < models.Length; modelIndex++)
                choices[(questionIndex * models.Length) + modelIndex] = row.Number(models[modelIndex]) is >= 0 and <= 1 and var choice
                    ? choice
                    : throw Wrong($"line {row.Line}: {models[modelIndex]} is {row[models[modelIndex]]}; expected a choice from 0 to 1.");
        }
        return (models, choices);
    }

    private static OpinionAnswers[] AnswersOf(List<Row> rows, OpinionQuestion[] questions)
    {
        var indexes = questions.Select((question, questionIndex) => (question.Id, questionIndex)).ToDictionary();
        var options = Array.ConvertAll(questions, question => question.Options.Select((option, index) => (option, index)).ToDictionary());
        var weights = new OrderedDictionary<(string Group, int QuestionIndex), double[]>();
        var seen = new HashSet<(string, int, int)>();
        foreach (var row in rows)
        {
            if (!indexes.TryGetValue(row["question_id"], out var questionIndex))
                throw Wrong($"line {row.Line}: there is no question {row["question_id"]} in the table of questions; add it there, or leave the row out.");
            if (!options[questionIndex].TryGetValue(row["option"], out var option))
                throw Wrong($"line {row.Line}: question {row["question_id"]} has no option \"{row["option"]}\"; it has {string.Join(", ", questions[questionIndex].Options.Select(name => $"\"{name}\""))}.");
            if (!seen.Add((row["group"], questionIndex, option)))
                throw Wrong($"line {row.Line}: group, question and option stand in an earlier line too; keep one of them.");
            if (row.Number("weight") is not (>= 0 and var weight))
                throw Wrong($"line {row.Line}: weight is {row["weight"]}; expected a number from 0.");
            if (!weights.TryGetValue((row["group"], questionIndex), out var ofOptions))
                weights.Add((row["group"], questionIndex), ofOptions = new double[questions[questionIndex].Options.Count]);
            ofOptions[option] = weight;
        }
        if (weights.FirstOrDefault(answers => answers.Value.Sum() == 0) is { Value: not null } empty)
            throw Wrong($"group {empty.Key.Group} gives question {questions[empty.Key.QuestionIndex].Id} no weight at all; leave its rows out if nobody answered.");
        return [.. weights.Select(answers => new OpinionAnswers(answers.Key.Group, answers.Key.QuestionIndex, answers.Value))];
    }

    private static async Task<List<Row>> RowsAsync(Stream utf8, string[] required, CancellationToken cancellation)
    {
        using var csv = CsvReader.Create(utf8, new CsvReaderOptions { TrackLineNumbers = true, MaxRecordSize = JsonLines.MaximumLineBytes }, leaveOpen: true);
        var rows = new List<Row>();
        var hasRow = await csv.ReadAsync(cancellation);
        string[] header = [.. csv.Headers.ToArray().Select(name => name.Trim('\uFEFF', ' '))];
        if (required.Except(header).FirstOrDefault() is { } missing)
            throw Wrong($"there is no column {missing}; the header has {string.Join(", ", header)}.");
        if (header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Wrong($"the header names the column {twice.Key} twice.");
        var columns = header.Select((name, column) => (name, column)).ToDictionary();
        for (; hasRow; hasRow = await csv.ReadAsync(cancellation))
        {
            if (csv.FieldCount != header.Length)
                throw Wrong($"line {csv.LineNumber} has {csv.FieldCount} cells, but the header names {header.Length} columns.");
            rows.Add(new Row(csv.LineNumber, columns, [.. Enumerable.Range(0, header.Length).Select(column => csv.GetString(column) ?? "")]));
        }
        return rows.Count > 0 ? rows : throw Wrong("there are no rows.");
    }

    private static FieldException Wrong(string message) => new("Wrong table", message);

    private sealed class Row(long line, Dictionary<string, int> columns, string[] cells)
    {
        public long Line => line;

        public IEnumerable<string> Columns => columns.Keys;

        public string this[string column] => cells[columns[column]];

        public double Number(string column) => double.TryParse(this[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Wrong($"line {Line}: {column} is \"{this[column]}\"; expected a number.");
    }
}
