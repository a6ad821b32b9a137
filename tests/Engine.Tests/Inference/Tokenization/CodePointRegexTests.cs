using System.Text.Json;
using PersonalLlm.Engine.Inference.Tokenization;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

public sealed class CodePointRegexTests
{
    [Theory]
    [InlineData(@"a++b", "(?>a+)b")]
    [InlineData(@"[ab]?+c*+", "(?>[ab]?)(?>c*)")]
    [InlineData(@"(?:ab|c)++", "(?>(?:ab|c)+)")]
    [InlineData(@"a{1,3}+", "(?:a{1,3})+")]
    [InlineData(@"a{,3}b{2}", "a{0,3}b{2}")]
    [InlineData(@"{a}", "{a}")]
    [InlineData(@"(a)(b)", "(?:a)(?:b)")]
    [InlineData(@"[^(\s|[.,!])]+", @"[^(\s|.,!)]+")]
    [InlineData(@"(?i:'s|[sdmt])s", @"(?i:'[s\u017f]|[\u017fsdmt])s")]
    [InlineData(@"\p{^L}\P{Lu}\P{^N}", @"\P{L}\P{Lu}\p{N}")]
    [InlineData(@"\s+?(?!\S)$", @"\s+?(?!\S)$")]
    [InlineData(@"[\\\]^_`{|}~]", @"[\\\]^_`{|}~]")]
    public void ToDotNet_SaysTheSameInDotNetsGrammar(string oniguruma, string expected) => Assert.Equal(expected, Translate(oniguruma));

    [Theory]
    [InlineData(@"\h+", @"with \h,")]
    [InlineData(@"(?<name>a)", "with (?<n…,")]
    [InlineData(@"[a-z&&[^b]]", "with && within a class,")]
    [InlineData(@"[[:alpha:]]", "with [: within a class,")]
    [InlineData(@"[a[^b]]", "with a negated class within a class,")]
    [InlineData(@"[a", "with a class without an end,")]
    [InlineData(@"(a)\1", @"with \1,")]
    [InlineData(@"\p{Greek}", @"with \p{Greek},")]
    [InlineData("\\", "with a backslash at its end,")]
    [InlineData("😀", "with characters beyond the basic plane,")]
    public void ToDotNet_RefusesWhatDotNetWouldReadDifferently(string oniguruma, string reason) =>
        Assert.Contains(reason, Assert.Throws<TokenizerFormatException>(() => Translate(oniguruma)).Message, StringComparison.Ordinal);

    [Fact]
    public void Find_SeesLettersBeyondTheBasicPlaneAsLetters()
    {
        var parts = new List<Part>();
        new CodePointRegex(@"\p{L}+").Find("x𝒜𠀀 😀y", parts);
        Assert.Equal([new(0, 5, true), new(5, 8, false), new(8, 9, true)], parts);
    }

    [Fact]
    public void Find_CountsNoEmptyMatchRightAfterAMatch()
    {
        var parts = new List<Part>();
        new CodePointRegex("a*").Find("baac", parts);
        Assert.Equal([new(0, 0, true), new(0, 1, false), new(1, 3, true), new(3, 4, false), new(4, 4, true)], parts);
    }

    private static string Translate(string pattern)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(pattern));
        return OnigurumaPattern.ToDotNet(new(document.RootElement, "pattern"));
    }
}
