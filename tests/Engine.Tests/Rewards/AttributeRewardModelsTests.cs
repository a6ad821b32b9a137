using System.Diagnostics;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Tests.Rewards;

/// <summary>Each expected number is worked by hand from the published formula.</summary>
public sealed class AttributeRewardModelsTests
{
    [Fact]
    public void AsksBack_CountsQuestionsAndAddsTwoForTheLastWord()
    {
        // One question, not at the end: ln 2. Two, one at the end: ln 3 + 2. The question mark of an address is none.
        AssertScore("asks_back", Math.Log(2), "Why not? Go on.");
        AssertScore("asks_back", Math.Log(3) + 2, "Is it raining?\n\nThen stay in. **Would you like that?**");
        AssertScore("asks_back", 0, "See http://a.example/find?q=1 now.");
    }

    [Fact]
    public void Concise_LikesFewWords()
    {
        AssertScore("concise", -Math.Log(10), "Yes.");
        AssertScore("concise", -Math.Log(12), "one two three four five six seven eight nine ten eleven twelve");
        AssertScore("concise", -Math.Log(1000), "");
    }

    [Fact]
    public void Confident_CountsBoostersPerHundredWords()
    {
        // 5 words, 2 boosters (always, must): 100 · 2 / 25 = 8.
        AssertScore("confident", 8, "You must always lock it.");
    }

    [Fact]
    public void Examples_CountsPhrasesCodeAndNumbers()
    {
        // "For example", "such as", one code block, the numbers 3 and 40: ln(1 + 3 · 3 + 2) = ln 12. The list number 1. is no number.
        AssertScore("examples", Math.Log(12), "For example:\n\n1. take 3 tools such as pliers\n\n```\nx = 99\n```\nfor 40 minutes");
        AssertScore("examples", 0, "It depends on the case.");
    }

    [Fact]
    public void Formal_WeighsFormalAgainstCasual()
    {
        // 6 words; formal: therefore, regarding; ten letters or more: regulations (11): 100 · 3 / 26.
        AssertScore("formal", 100 * 3 / 26.0, "Therefore consult the regulations regarding dogs.");
        // 5 words (Hey it's okay don't worry); casual: Hey, okay; contractions: it's, don't; one mark: −2 · 5 = −10 → −1000 / 25.
        AssertScore("formal", -40, "Hey, it's okay, don’t worry!");
    }

    [Fact]
    public void Hedged_CountsCautionPerHundredWords()
    {
        // 5 words; perhaps, might: 200 / 25.
        AssertScore("hedged", 8, "Perhaps it might rain later.");
    }

    [Fact]
    public void Plain_IsTheReadabilityIndexTurnedRound()
    {
        // "The cat sat. It was warm." 6 words, 3+3+3 + 2+3+4 = 18 characters, 2 sentences:
        // 4.71 · 3 + 0.5 · 3 − 21.43 = −5.8, kept at −5.
        AssertScore("plain", 5, "The cat sat. It was warm.");
        // 4 words, 10 + 12 + 8 + 10 = 40 characters, 1 sentence: 47.1 + 2 − 21.43 = 27.67.
        AssertScore("plain", -27.67, "abcdefghij abcdefghijkl abcdefgh abcdefghij.");
        // Three list lines are three sentences: 3 words, 15 characters: 23.55 + 0.5 − 21.43 = 2.62.
        AssertScore("plain", -2.62, "- abcde\n- fghij\n- klmno");
    }

    [Fact]
    public void Structured_CountsLayout()
    {
        // Heading 2, list lines 2, one bold span 1, table rows 2, code block 2: ln(1 + 9).
        AssertScore("structured", Math.Log(10), "## Plan\n\n- **one**\n2) two\n\n| a | b |\n| - | - |\n\n```\n# not a heading\n- not a list\n```");
        AssertScore("structured", 0, "Just a line with #hashtag and 2 * 3 * 4.");
    }

    [Fact]
    public void Thorough_CountsDifferentLongWordsAndLinks()
    {
        // Different words of six letters or more: butter, burned, because (Butter is the same): ln 4. Links: because, so: ln 3.
        AssertScore("thorough", Math.Log(4) + Math.Log(3), "The butter burned because Butter does so");
    }

    [Fact]
    public void Warm_CountsYouKindWordsAndExclamations()
    {
        // 6 words (I'm glad you're here thanks friend): second person 1; kind: glad, thanks, friend; marks 1: 100 · (1 + 6 + 1) / 26.
        AssertScore("warm", 100 * 8 / 26.0, "I'm glad you're here, thanks, friend!");
    }

    [Fact]
    public void Scores_AreTheSameAloneAndTogether()
    {
        const string Text = "# Plan\n\nPerhaps you could try this? For example, 3 eggs. It's certainly fine!";
        var together = new float[AttributeRewardModels.Names.Count];
        AttributeRewardModels.Score(Text, together);

        Assert.Equal(AttributeRewardModels.All.Select(model => model.Score(Text)), together);
        Assert.Equal(AttributeRewardModels.Names.Order(StringComparer.Ordinal), AttributeRewardModels.Names);
        Assert.Equal(10, together.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n\n ")]
    [InlineData("```")]
    [InlineData("```python\nprint('hi')\n")]
    [InlineData("'''’’’")]
    [InlineData("??!!...")]
    [InlineData("######")]
    [InlineData("漢字だけの文。")]
    [InlineData("🎈🎈")]
    [InlineData("\ud83c")]
    [InlineData("1.")]
    [InlineData("- ")]
    public void Scores_AreFiniteForOddTexts(string text) =>
        Assert.All(AttributeRewardModels.All, model => Assert.True(float.IsFinite(model.Score(text)), model.Name));

    [Theory]
    [InlineData("a")]
    [InlineData("'")]
    [InlineData("?")]
    [InlineData("word ")]
    [InlineData("**")]
    [InlineData("- x\n")]
    [InlineData("```\n")]
    [InlineData("1")]
    public void Scores_TakeLinearTime(string piece)
    {
        // Quadratic work on a million pieces would take minutes.
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000));
        var watch = Stopwatch.StartNew();
        var scores = new float[AttributeRewardModels.Names.Count];
        AttributeRewardModels.Score(text, scores);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    private static void AssertScore(string name, double expected, string text) =>
        Assert.Equal(expected, AttributeRewardModels.All.Single(model => model.Name == name).Score(text), 1e-4);
}
