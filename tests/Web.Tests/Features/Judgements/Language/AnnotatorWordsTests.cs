using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Judgements.Language;

namespace PersonalLlm.Web.Tests.Features.Judgements.Language;

/// <summary>Every text of the annotators' pages is there in German, and nothing else is.</summary>
public sealed partial class AnnotatorWordsTests
{
    private static readonly string s_web = Path.Combine(Checkout.Folder, "src", "Web");
    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_german = new(German);

    [Fact]
    public void German_HasEveryTextThatThePagesSay_AndNoOther()
    {
        var said = SaidByPages().Concat(SaidByScripts()).Concat(SaidAboutAnswers()).ToHashSet();
        Assert.Equal("", Lines("German lacks", said.Except(s_german.Value.Keys)) + Lines("Nobody says", s_german.Value.Keys.Except(said)));
    }

    [Fact]
    public void TextsForTheScripts_AreThoseThatTheScriptsSay()
    {
        var said = SaidByScripts().ToHashSet();
        Assert.Equal(
            "",
            Lines("AnnotatorWords.OfScripts lacks", said.Except(AnnotatorWordsExtensions.OfScripts))
                + Lines("No script says", AnnotatorWordsExtensions.OfScripts.Except(said)));
    }

    [Fact]
    public void ATextInTheSources_IsALiteral_SoThatItCanBeFoundHere()
    {
        var others = Sources("*.razor", "*.cs").Where(source => source.Name != "AnnotatorWords.cs").SelectMany(source => AnyText().Matches(source.Text).Select(match => $"{source.Name}: {match.Value.Trim()}"))
            .Concat(Sources("*.js").Where(source => source.Name != "words.js").SelectMany(source => AnyScriptText().Matches(source.Text).Select(match => $"{source.Name}: {match.Value.Trim()}")));
        Assert.Equal("", Lines("Not a literal", others));
    }

    /// <summary>Of two texts that differ only in capitals, a file of resources keeps the first.</summary>
    [Fact]
    public void NoTwoTexts_DifferOnlyInCapitals() =>
        Assert.Empty(SaidByPages().Concat(SaidByScripts()).Distinct().GroupBy(text => text, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).SelectMany(same => same));

    [Fact]
    public void German_KeepsThePlaceholdersAndTheElementsOfTheEnglish() => Assert.All(
        s_german.Value,
        text => Assert.Equal(PlaceholdersAndElements(text.Key), PlaceholdersAndElements(text.Value)));

    [Theory]
    [InlineData("en", 1, "1 prompt")]
    [InlineData("en", 2, "2 prompts")]
    [InlineData("en", 1234, "1234 prompts")]
    [InlineData("de", 1, "1 Anfrage")]
    [InlineData("de", 0, "0 Anfragen")]
    public void Count_TakesTheFormThatTheNumberAsksFor(string language, int count, string expected) =>
        Assert.Equal(expected, In(language, words => words.Count(count, "{0} prompt", "{0} prompts")));

    [Theory]
    [InlineData("en", 1, "1st")]
    [InlineData("en", 12, "12th")]
    [InlineData("en", 23, "23rd")]
    [InlineData("de", 3, "3.")]
    public void Ordinal_IsThatOfTheLanguage(string language, int rank, string expected) => Assert.Equal(expected, In(language, words => words.Ordinal(rank)));

    [Fact]
    public void Numbers_AreWrittenAsTheLanguageWritesThem() => Assert.Equal(
        ("about 1.5 hours, in as many sittings as you like", "etwa 1,5 Stunden, gern in mehreren Sitzungen"),
        (In("en", Hours), In("de", Hours)));

    [Fact]
    public void Scripts_GetTheirTextsInGerman_AndNoneInEnglish() =>
        Assert.Equal((true, "{}"), (In("de", words => words.ForScripts()).Contains("\"Saved {0}\":\"Gespeichert {0}\"", StringComparison.Ordinal), In("en", words => words.ForScripts())));

    private static string Hours(IStringLocalizer<AnnotatorWords> words) => words["about {0:0.#} hours, in as many sittings as you like", 1.5];

    private static string In(string language, Func<IStringLocalizer<AnnotatorWords>, string> say)
    {
        using var services = new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider();
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            return say(services.GetRequiredService<IStringLocalizer<AnnotatorWords>>());
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }

    private static Dictionary<string, string> German()
    {
        using var texts = new ResourceManager(typeof(AnnotatorWords)).GetResourceSet(CultureInfo.GetCultureInfo("de"), createIfNotExists: true, tryParents: false)!;
        return texts.Cast<System.Collections.DictionaryEntry>().ToDictionary(text => (string)text.Key, text => (string)text.Value!);
    }

    private static IEnumerable<string> SaidByPages() => Sources("*.razor", "*.cs")
        .SelectMany(source => Text().Matches(source.Text).Concat(Plural().Matches(source.Text)))
        .SelectMany(match => match.Groups.Values.Skip(1)).Select(group => Regex.Unescape(group.Value));

    /// <summary>What <c>Words.Say</c> is given.</summary>
    private static IEnumerable<string> SaidAboutAnswers() =>
        new[] { Path.Combine(s_web, "..", "Engine", "Judgements", "InstrumentSpec.cs"), Path.Combine(s_web, "Features", "Judgements", "PageFields.cs") }
            .SelectMany(file => AnswerProblem().Matches(File.ReadAllText(file))).Select(match => Regex.Unescape(match.Groups[1].Value));

    private static IEnumerable<string> SaidByScripts() => Sources("*.js")
        .SelectMany(source => ScriptText().Matches(source.Text).Concat(ScriptPlural().Matches(source.Text)))
        .SelectMany(match => match.Groups.Values.Skip(1)).Select(group => Regex.Unescape(group.Value));

    /// <summary>What annotators see is in one folder.</summary>
    private static IEnumerable<(string Name, string Text)> Sources(params string[] patterns) => patterns
        .SelectMany(pattern => Directory.EnumerateFiles(Path.Combine(s_web, "Features", "Judgements"), pattern, SearchOption.AllDirectories))
        .Select(file => (Path.GetFileName(file), Comment().Replace(File.ReadAllText(file), "")));

    private static string Lines(string what, IEnumerable<string> texts) => string.Concat(texts.Distinct().Order().Select(text => $"{what}: {text}\n"));

    private static IEnumerable<string> PlaceholdersAndElements(string text) => PlaceholderOrElement().Matches(text).Select(match => match.Value).Order();

    [GeneratedRegex("""\b[Ww]ords(?:\[|\.Markup\()\s*"((?:[^"\\]|\\.)*)"(?=\s*[\],)])""")]
    private static partial Regex Text();

    [GeneratedRegex("""\b[Ww]ords\.Count\([^"]*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Plural();

    [GeneratedRegex("""\b[Ww]ords(?:\[|\.Markup\()(?!\s*"(?:[^"\\]|\\.)*"\s*[\],)]).{0,60}|\b[Ww]ords\.Count\((?![^"]*"(?:[^"\\]|\\.)*",\s*"(?:[^"\\]|\\.)*"\)).{0,60}""")]
    private static partial Regex AnyText();

    [GeneratedRegex("""\bnew\("((?:[^"\\]|\\.)*)"[,)]""")]
    private static partial Regex AnswerProblem();

    [GeneratedRegex("""\bsay\('((?:[^'\\]|\\.)*)'""")]
    private static partial Regex ScriptText();

    [GeneratedRegex("""\bcount\([^']*'((?:[^'\\]|\\.)*)',\s*'((?:[^'\\]|\\.)*)'\)""")]
    private static partial Regex ScriptPlural();

    [GeneratedRegex("""(?<![.#])\b(?:say|count)\((?!')(?![^()']*'[^']*',\s*').{0,60}""")]
    private static partial Regex AnyScriptText();

    [GeneratedRegex("""^\s*//.*$""", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("""\{\d[^}]*\}|</?\w+>""")]
    private static partial Regex PlaceholderOrElement();
}
