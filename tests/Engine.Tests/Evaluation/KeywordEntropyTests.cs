using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class KeywordEntropyTests
{
    [Fact]
    public void Groups_HoldPromptsThatContainOrBeginWithTheirWord()
    {
        // Entropies 0, ln 2, ln 2, 0, and a prompt without votes that no group counts.
        var votes = new VoteCounts([0, 2, 4, 6, 8, 10], [4, 0, 2, 2, 1, 1, 0, 4, 0, 0]);
        var groups = KeywordEntropy.Of(
            votes, ["What's the best Poem?", "Whatever, write POEMS", "“Who knows what”", "say what you imagine", "Who?"], seed: 1).ToDictionary(group => group.Name, group => group.Estimate);
        Assert.Equal(Math.Log(2) / 2, groups["contains poem"].Value!.Value, 1e-12);
        Assert.Equal(2, groups["contains poem"].N);
        Assert.Equal(0, groups["contains imagine"].Value);
        Assert.Equal((Math.Log(2) / 3, 3), (groups["contains any of them"].Value!.Value, groups["contains any of them"].N));
        Assert.Equal((0.0, 1), (groups["begins with what"].Value!.Value, groups["begins with what"].N));
        Assert.Equal((Math.Log(2), 1), (groups["begins with who"].Value!.Value, groups["begins with who"].N));
        Assert.Equal(Math.Log(2) / 2, groups["begins with any of them"].Value!.Value, 1e-12);
        Assert.Equal("no prompt begins with where", groups["begins with where"].UndefinedBecause);
    }

    [Fact]
    public void WrongLengths_AreRefused() =>
        Assert.Throws<ArgumentException>(() => KeywordEntropy.Of(new VoteCounts([0, 2], [1, 1]), [], seed: 1));
}
