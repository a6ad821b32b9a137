using System.Globalization;
using CsvHelper;

namespace PersonalLlm.Engine.Datasets;

/// <summary>A question with ordinal options.</summary>
/// <param name="Id">The file's own id.</param>
/// <param name="Options">Labels, in file order.</param>
/// <param name="Ordinals">[options]: where an option lies on the scale; at least two differ.</param>
public sealed record OpinionQuestion(string Id, IReadOnlyList<string> Options, IReadOnlyList<double> Ordinals);

/// <summary>How a group of people answered a question.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="QuestionIndex">0-based.</param>
/// <param name="Weights">[options]: counts or shares, at least 0 and not all 0.</param>
public sealed record OpinionAnswers(string Group, int QuestionIndex, IReadOnlyList<double> Weights);

/// <summary>
/// Questions, the reward models' choices and people's answers, from three CSV files with a header: <c>question_id, option, ordinal</c> (one row per option);
/// <c>question_id</c> and a column per reward model with its choice in [0, 1] (one row per question); <c>group, question_id, option, weight</c>.
/// </summary>
/// <param name="Questions">In file order.</param>
/// <param name="RewardModels">In ordinal order of their names.</param>
/// <param name="Choices">[questions × reward models], row-major, in [0, 1].</param>
/// <param name="Answers">One per group and question that the file holds; groups in the order of the file.</param>
public sealed record OpinionTables(
    IReadOnlyList<OpinionQuestion> Questions, IReadOnlyList<string> RewardModels, double[] Choices, IReadOnlyList<OpinionAnswers> Answers)
{
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
        var questions = rows.GroupBy(row => row["question_id"]).Select(group => new OpinionQuestion(
            group.Key, [.. group.Select(row => row["option"])], [.. group.Select(row => row.Number("ordinal"))])).ToArray();
        foreach (var question in questions)
        {
            if (question.Options.Distinct().Count() < question.Options.Count)
                throw Wrong($"question {question.Id} has the same option twice.");
            if (question.Ordinals.Distinct().Count() < 2)
                throw Wrong($"question {question.Id} needs at least two options with different ordinals.");
        }
        return questions;
    }

    private static (string[] Models, double[] Choices) ChoicesOf(List<Row> rows, OpinionQuestion[] questions)
    {
        string[] models = [.. rows[0].Columns.Where(column => column != "question_id").Order(StringComparer.Ordinal)];
        if (models.Length == 0)
            throw Wrong("there is no column of a reward model.");
        var byQuestion = Unique(rows, row => row["question_id"], id => $"question {id} stands twice.");
        var choices = new double[questions.Length * models.Length];
        for (var questionIndex = 0; questionIndex < questions.Length; questionIndex++)
        {
            if (!byQuestion.TryGetValue(questions[questionIndex].Id, out var row))
                throw Wrong($"there are no choices for question {questions[questionIndex].Id}.");
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
        var weights = new OrderedDictionary<(string Group, int QuestionIndex), double[]>();
        var seen = new HashSet<(string, int, int)>();
        foreach (var row in rows)
        {
            if (!indexes.TryGetValue(row["question_id"], out var questionIndex))
                throw Wrong($"line {row.Line}: there is no question {row["question_id"]}.");
            var option = questions[questionIndex].Options.ToList().IndexOf(row["option"]);
            if (option < 0)
                throw Wrong($"line {row.Line}: question {row["question_id"]} has no option \"{row["option"]}\".");
            if (!seen.Add((row["group"], questionIndex, option)))
                throw Wrong($"line {row.Line}: group, question and option stand twice.");
            if (row.Number("weight") is not (>= 0 and var weight))
                throw Wrong($"line {row.Line}: weight is {row["weight"]}; expected a number from 0.");
            if (!weights.TryGetValue((row["group"], questionIndex), out var ofOptions))
                weights.Add((row["group"], questionIndex), ofOptions = new double[questions[questionIndex].Options.Count]);
            ofOptions[option] = weight;
        }
        if (weights.FirstOrDefault(answers => answers.Value.Sum() == 0) is { Value: not null } empty)
            throw Wrong($"group {empty.Key.Group} gives question {questions[empty.Key.QuestionIndex].Id} no weight at all.");
        return [.. weights.Select(answers => new OpinionAnswers(answers.Key.Group, answers.Key.QuestionIndex, answers.Value))];
    }

    private static Dictionary<string, Row> Unique(List<Row> rows, Func<Row, string> key, Func<string, string> twice)
    {
        var unique = new Dictionary<string, Row>();
        foreach (var row in rows)
            if (!unique.TryAdd(key(row), row))
                throw Wrong(twice(key(row)));
        return unique;
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
        for (; hasRow; hasRow = await csv.ReadAsync(cancellation))
        {
            if (csv.FieldCount != header.Length)
                throw Wrong($"line {csv.LineNumber} has {csv.FieldCount} cells, but the header names {header.Length} columns.");
            rows.Add(new Row(csv.LineNumber, header.Select((name, column) => (name, csv.GetString(column) ?? "")).ToDictionary()));
        }
        return rows.Count > 0 ? rows : throw Wrong("there are no rows.");
    }

    private static FieldException Wrong(string message) => new("Wrong table", message);

    private sealed record Row(long Line, Dictionary<string, string> Cells)
    {
        public IEnumerable<string> Columns => Cells.Keys;

        public string this[string column] => Cells[column];

        public double Number(string column) => double.TryParse(Cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Wrong($"line {Line}: {column} is \"{Cells[column]}\"; expected a number.");
    }
}
