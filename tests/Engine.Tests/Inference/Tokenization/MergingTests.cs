using System.Text;
using System.Text.Json;
using PersonalLlm.Engine.Inference.Tokenization;
using PersonalLlm.Engine.Inference.Tokenization.Models;
using PersonalLlm.Engine.Tests.Reference;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

public sealed class MergingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merge_EqualsTheSlowTwinOnWordsOfAnyLength(int seed)
    {
        var random = new Random(seed);
        var (_, merges) = RandomMerges(random, letters: 4, count: 60);
        var table = new MergeTable(merges);
        for (var trial = 0; trial < 300; trial++)
        {
            var tokens = Enumerable.Range(0, random.Next(0, 80)).Select(_ => random.Next(4)).ToArray();
            var expected = MergingReference.Merge(merges, tokens);
            var left = Merging.Merge(table, tokens);
            Assert.Equal(expected, tokens[..left]);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Encode_CutsLongTextsOnlyWhereNoMergeReachesAcross(int seed)
    {
        var random = new Random(seed);
        var (names, merges) = RandomMerges(random, letters: 9, count: 40);
        var tokenizer = Tokenizer.Load(new MemoryStream(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            model = new
            {
                type = "BPE",
                vocab = names.Select((name, id) => (name, id)).ToDictionary(token => token.name, token => token.id),
                merges = merges.Select(merge => new[] { names[merge.Left], names[merge.Right] }),
            },
        }))));
        for (var trial = 0; trial < 100; trial++)
        {
            var tokens = Enumerable.Range(0, random.Next(65, 400)).Select(_ => random.Next(9)).ToArray();
            var text = string.Concat(tokens.Select(token => names[token]));
            Assert.Equal(MergingReference.Merge(merges, tokens), tokenizer.Encode(text).Ids.ToArray());
        }
    }

    [Fact]
    public void Find_TakesTheLaterOfTwoMergesOfOnePair()
    {
        var table = new MergeTable([(1, 2, 3), (4, 5, 6), (1, 2, 7)]);
        Assert.Equal((2, 7), table.Find(1, 2));
        Assert.Equal((-1, -1), table.Find(2, 1));
    }

    /// <summary>Merges whose results are tokens by name, as in a trained vocabulary: the same name is the same token.</summary>
    private static (List<string> Names, List<(int Left, int Right, int Merged)> Merges) RandomMerges(Random random, int letters, int count)
    {
        var names = Enumerable.Range(0, letters).Select(letter => ((char)('a' + letter)).ToString()).ToList();
        var merges = new List<(int Left, int Right, int Merged)>();
        for (var index = 0; index < count; index++)
        {
            var (left, right) = (random.Next(names.Count), random.Next(names.Count));
            var name = names[left] + names[right];
            if (name.Length > 8 || merges.Any(merge => merge.Left == left && merge.Right == right))
                continue;
            if (!names.Contains(name))
                names.Add(name);
            merges.Add((left, right, names.IndexOf(name)));
        }
        return (names, merges);
    }
}
