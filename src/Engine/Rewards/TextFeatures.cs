using System.Collections.Frozen;

namespace PersonalLlm.Engine.Rewards;

/// <summary>What can be counted in a text. Everything but <see cref="CodeBlocks"/> is counted outside fenced code blocks.</summary>
/// <remarks>
/// <para>A word is a run of letters, digits and apostrophes that begins with a letter or digit. A sentence ends at a run of
/// <c>. ! ?</c> that white space or the end of the line follows, and at the end of a line that holds words.</para>
/// <para>A list line begins with <c>-</c>, <c>*</c>, <c>+</c> or <c>•</c> and a space, or with a number, <c>.</c> or <c>)</c> and a space; that number
/// is no word. A fence is a line that begins with three backticks; an unclosed one runs to the end.</para>
/// </remarks>
internal sealed class TextFeatures
{
    private readonly HashSet<string> differentLongWords = new(StringComparer.OrdinalIgnoreCase);
    private int wordCharacters;
    private int sentences;
    private bool sentenceIsOpen;

    public int Words { get; private set; }
    public int LongWords { get; private set; }
    public int DifferentLongWords => differentLongWords.Count;
    public int Numbers { get; private set; }
    public int Contractions { get; private set; }
    public int SecondPerson { get; private set; }
    public int KindWords { get; private set; }
    public int FormalWords { get; private set; }
    public int CasualWords { get; private set; }
    public int Hedges { get; private set; }
    public int Boosters { get; private set; }
    public int LinkingWords { get; private set; }
    public int ExamplePhrases { get; private set; }
    public int Questions { get; private set; }
    public bool EndsWithQuestion { get; private set; }
    public int Exclamations { get; private set; }
    public int ListLines { get; private set; }
    public int Headings { get; private set; }
    public int BoldSpans { get; private set; }
    public int TableRows { get; private set; }
    public int CodeBlocks { get; private set; }

    /// <summary>Automated Readability Index within −5 … 30; 0 without words.</summary>
    public double ReadabilityIndex => Words == 0
        ? 0
        : Math.Clamp(4.71 * wordCharacters / Words + 0.5 * Words / Math.Max(1, sentences) - 21.43, -5, 30);

    public double PerHundredWords(int count) => 100.0 * count / (Words + 20);

    public static TextFeatures Of(string text)
    {
        var features = new TextFeatures();
        var isCode = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var content = line.Trim();
            if (content.StartsWith("```"))
            {
                isCode = !isCode;
                if (isCode)
                    features.CodeBlocks++;
            }
            else if (!isCode && !content.IsEmpty)
            {
                features.AddLine(content);
            }
        }
        return features;
    }

    private void AddLine(ReadOnlySpan<char> line)
    {
        if (ListMarkerLength(line) is var marker and > 0)
        {
            ListLines++;
            line = line[marker..];
        }
        else if (line[0] == '|')
        {
            TableRows++;
        }
        else if (line.IndexOfAnyExcept('#') is > 0 and <= 6 and var level && line[level] == ' ')
        {
            Headings++;
        }
        BoldSpans += line.Count("**") / 2;
        ExamplePhrases += line.Count("e.g.") + line.Count("E.g.");
        AddWordsAndMarks(line);
        if (sentenceIsOpen)
            EndSentence();
        EndsWithQuestion = line.TrimEnd("*_\"'”’)] ") is [.., '?'];
    }

    /// <summary>Length of "- " or "12. " at the start of a line; 0 when it is no list line.</summary>
    private static int ListMarkerLength(ReadOnlySpan<char> line)
    {
        if (line.Length > 1 && line[0] is '-' or '*' or '+' or '•' && line[1] == ' ')
            return 2;
        var digits = line.IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and <= 3 && digits + 1 < line.Length && line[digits] is '.' or ')' && line[digits + 1] == ' ' ? digits + 2 : 0;
    }

    private void AddWordsAndMarks(ReadOnlySpan<char> line)
    {
        var previous = ReadOnlySpan<char>.Empty;
        var position = 0;
        while (position < line.Length)
        {
            if (char.IsLetterOrDigit(line[position]))
            {
                var end = position + 1;
                while (end < line.Length && (char.IsLetterOrDigit(line[end]) || IsApostrophe(line[end])))
                    end++;
                var word = line[position..end].TrimEnd("'’");
                AddWord(word, previous);
                previous = word;
                position = end;
            }
            else if (line[position] is '.' or '!' or '?')
            {
                var end = position + 1;
                while (end < line.Length && line[end] is '.' or '!' or '?')
                    end++;
                AddMarks(line[position..end], isAtEnd: end == line.Length || !char.IsLetterOrDigit(line[end]) && line[end] is not ('/' or '=' or '&'));
                position = end;
            }
            else
            {
                position++;
            }
        }
    }

    private void AddMarks(ReadOnlySpan<char> marks, bool isAtEnd)
    {
        if (!isAtEnd)
            return;
        if (marks.Contains('?'))
            Questions++;
        if (marks.Contains('!'))
            Exclamations++;
        if (sentenceIsOpen)
            EndSentence();
    }

    private void EndSentence()
    {
        sentences++;
        sentenceIsOpen = false;
    }

    private void AddWord(ReadOnlySpan<char> word, ReadOnlySpan<char> previous)
    {
        Words++;
        wordCharacters += word.Length;
        sentenceIsOpen = true;
        if (char.IsDigit(word[0]))
            Numbers++;
        if (word.Length >= 6)
            differentLongWords.Add(word.ToString());
        if (word.Length >= 10)
            LongWords++;
        if (word.ContainsAny('\'', '’'))
            AddApostrophised(word);
        if (SecondPersonWords.Contains(word)) SecondPerson++;
        if (Kind.Contains(word)) KindWords++;
        if (Formal.Contains(word)) FormalWords++;
        if (Casual.Contains(word)) CasualWords++;
        if (Hedging.Contains(word)) Hedges++;
        if (Boosting.Contains(word)) Boosters++;
        if (Linking.Contains(word)) LinkingWords++;
        if (IsExamplePhrase(previous, word)) ExamplePhrases++;
    }

    private void AddApostrophised(ReadOnlySpan<char> word)
    {
        var apostrophe = word.LastIndexOfAny('\'', '’');
        var stem = word[..apostrophe];
        var ending = word[(apostrophe + 1)..];
        if (Equal(ending, "re") || Equal(ending, "ve") || Equal(ending, "ll") || Equal(ending, "m") || Equal(ending, "d")
            || Equal(ending, "t") && stem is [.., 'n' or 'N'] || Equal(ending, "s") && ContractedWithS.Contains(stem))
            Contractions++;
        if (Equal(stem, "you"))
            SecondPerson++;
    }

    private static bool IsExamplePhrase(ReadOnlySpan<char> previous, ReadOnlySpan<char> word) =>
        Equal(previous, "for") && (Equal(word, "example") || Equal(word, "instance"))
        || Equal(previous, "such") && Equal(word, "as")
        || Equal(word, "imagine");

    private static bool IsApostrophe(char character) => character is '\'' or '’';

    private static bool Equal(ReadOnlySpan<char> word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> WordsOf(string list) =>
        list.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>
        ContractedWithS = WordsOf("it that there here what let who how where he she"),
        SecondPersonWords = WordsOf("you your yours yourself yourselves"),
        Kind = WordsOf("thanks thank please glad happy great wonderful sorry hope feel care welcome love lovely enjoy friend friends together understand "
            + "congratulations proud worry gentle kind warm dear joy delighted"),
        Formal = WordsOf("therefore however furthermore moreover thus hence consequently nevertheless nonetheless whereas regarding concerning accordingly "
            + "respectively upon whom shall notwithstanding thereby wherein namely"),
        Casual = WordsOf("yeah yep nope okay ok hey hi gonna wanna gotta kinda sorta stuff guys cool awesome lol folks basically super totally"),
        Hedging = WordsOf("may might could perhaps maybe possibly probably likely unlikely seems seem appears appear suggests suggest roughly approximately "
            + "generally usually often sometimes typically depends depend tends tend arguably uncertain unsure"),
        Boosting = WordsOf("certainly definitely clearly always never must absolutely undoubtedly obviously surely exactly every best guaranteed guarantee "
            + "proven prove completely entirely indeed"),
        Linking = WordsOf("because since therefore so however but although while also first second third then next finally additionally moreover furthermore "
            + "instead whereas thus unless");
}
