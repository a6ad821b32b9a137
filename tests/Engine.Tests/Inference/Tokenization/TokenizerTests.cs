using System.Text;
using PersonalLlm.Engine.Inference.Tokenization;

namespace PersonalLlm.Engine.Tests.Inference.Tokenization;

public sealed class TokenizerTests
{
    private const string Words = """
        {
          "added_tokens": [{"id": 0, "content": "[PAD]", "special": true}, {"id": 7, "content": "<new>", "special": true}],
          "pre_tokenizer": {"type": "Whitespace"},
          "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
          "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "?": 3, "a": 4, "b": 5, "c": 6}}
        }
        """;

    [Fact]
    public void Encode_SetsSpecialTokensRoundATextAndMarksBothOfAPair()
    {
        var tokenizer = Load(Words);
        Assert.Equal([1, 4, 3, 5, 2], tokenizer.Encode("a x b").Ids.ToArray());
        var pair = tokenizer.Encode("a b", "c");
        Assert.Equal([1, 4, 5, 2, 6, 2], pair.Ids.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 1], pair.TypeIds.ToArray());
        Assert.Equal([1, 1, 1, 1, 1, 1], pair.AttentionMask.ToArray());
        Assert.False(pair.Truncated);
    }

    [Fact]
    public void Encode_LeavesSpecialTokensOutWhenTheTextHoldsThem()
    {
        var tokenizer = Load(Words);
        Assert.Equal([4, 7, 5], tokenizer.Encode("a<new>b", addsSpecialTokens: false).Ids.ToArray());
        Assert.Equal([0, 1], tokenizer.Encode("a", "b", addsSpecialTokens: false).TypeIds.ToArray());
    }

    [Theory]
    [InlineData("a b c", 5, false, new[] { 1, 4, 5, 6, 2 })]
    [InlineData("a b c", 4, true, new[] { 1, 4, 5, 2 })]
    [InlineData("a b c", 2, true, new[] { 1, 2 })]
    [InlineData("a b", 4, false, new[] { 1, 4, 5, 2 })]
    [InlineData("", 2, false, new[] { 1, 2 })]
    public void Encode_SaysWhetherTheModelSeesTheWholeText(string text, int maximumLength, bool truncated, int[] ids)
    {
        var encoded = Load(Words).With(new(maximumLength), null).Encode(text);
        Assert.Equal(ids, encoded.Ids.ToArray());
        Assert.Equal(truncated, encoded.Truncated);
    }

    [Fact]
    public void Encode_OfAPairTakesFromTheLongerTextFirst()
    {
        var tokenizer = Load(Words).With(new(7), null);
        Assert.Equal([1, 4, 2, 5, 5, 5, 2], tokenizer.Encode("a", "b b b b b b").Ids.ToArray());
        Assert.Equal([1, 4, 4, 2, 5, 5, 2], tokenizer.Encode("a a a a", "b b b b").Ids.ToArray());
        var both = Load(Words).With(new(8), null).Encode("a a a a a", "b b b b");
        Assert.Equal([1, 4, 4, 4, 2, 5, 5, 2], both.Ids.ToArray());
        Assert.True(both.Truncated);
    }

    [Fact]
    public void Encode_FromTheLeftKeepsTheEnd() =>
        Assert.Equal([1, 5, 6, 2], Load(Words).With(new(4, Side: TextSide.Left), null).Encode("a a a b c").Ids.ToArray());

    [Fact]
    public void Encode_RefusesToCutATextThatIsNotThere()
    {
        var tokenizer = Load(Words).With(new(4, TruncationStrategy.OnlySecond), null);
        Assert.Equal("Only the second text may be truncated, but there is no second text.",
            Assert.Throws<InvalidOperationException>(() => tokenizer.Encode("a b c")).Message);
        Assert.Equal("Only one of two texts may be truncated, but the other one alone has 3 tokens and there is room for 1.",
            Assert.Throws<InvalidOperationException>(() => tokenizer.Encode("a b c", "a")).Message);
    }

    [Fact]
    public void EncodeBatch_PadsEveryTextToTheLongestRoundedUp()
    {
        var tokenizer = Load(Words).With(null, new(TokenId: 0, Side: TextSide.Left, MultipleOf: 4, TypeId: 9));
        var batch = tokenizer.EncodeBatch([("a", null), ("a b c", null)]);
        Assert.Equal([0, 0, 0, 0, 0, 1, 4, 2], batch[0].Ids.ToArray());
        Assert.Equal([9, 9, 9, 9, 9, 0, 0, 0], batch[0].TypeIds.ToArray());
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1], batch[0].AttentionMask.ToArray());
        Assert.Equal([0, 0, 0, 1, 4, 5, 6, 2], batch[1].Ids.ToArray());
    }

    [Fact]
    public void EncodeBatch_GivesTheSameAsEncodeAndNothingForNothing()
    {
        var tokenizer = Load(Words);
        Assert.Empty(tokenizer.EncodeBatch([]));
        Assert.Equal(tokenizer.Encode("a", "b c").Ids.ToArray(), tokenizer.EncodeBatch([("a", "b c")])[0].Ids.ToArray());
    }

    [Fact]
    public void IdOf_KnowsTokensOfTheModelAndAddedOnes()
    {
        var tokenizer = Load(Words);
        Assert.Equal((4, 7, null), (tokenizer.IdOf("a"), tokenizer.IdOf("<new>"), tokenizer.IdOf("nobody")));
        Assert.Equal(8, tokenizer.VocabularySize);
    }

    [Fact]
    public void Encode_ReadsHalfASurrogatePairAsTheReplacementCharacter()
    {
        var tokenizer = Load("""{"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "x\ufffdy": 1}}}""");
        Assert.Equal([1], tokenizer.Encode("x\ud800y").Ids.ToArray());
        Assert.Equal([1], tokenizer.Encode("x\udc00y").Ids.ToArray());
    }

    [Fact]
    public void Encode_OfManyThreadsGivesWhatOneThreadGives()
    {
        var letters = string.Join(",", Enumerable.Range(0, 26).Select(letter => $"\"{(char)('a' + letter)}\": {letter}"));
        var tokenizer = Load($$"""
            {"pre_tokenizer": {"type": "WhitespaceSplit"},
             "model": {"type": "BPE", "vocab": {{{letters}}, "ab": 26, "abab": 27, "cd": 28, "abcd": 29}, "merges": ["a b", "ab ab", "c d", "ab cd"]} }
            """);
        var random = new Random(7);
        var texts = Enumerable.Range(0, 2000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(5) == 0 ? ' ' : (char)('a' + random.Next(4)))))
            .ToArray();
        var alone = texts.Select(text => tokenizer.Encode(text).Ids.ToArray()).ToArray();
        var fresh = Load($$"""
            {"pre_tokenizer": {"type": "WhitespaceSplit"},
             "model": {"type": "BPE", "vocab": {{{letters}}, "ab": 26, "abab": 27, "cd": 28, "abcd": 29}, "merges": [["a", "b"], ["ab", "ab"], ["c", "d"], ["ab", "cd"]]} }
            """);
        Parallel.For(0, 8 * texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, index =>
            Assert.Equal(alone[index % texts.Length], fresh.Encode(texts[index % texts.Length]).Ids.ToArray()));
    }

    [Fact]
    public void Encode_OfAVeryLongTextStopsWhereTruncationCuts()
    {
        var encoded = Load(Words).With(new(512), null).Encode(string.Concat(Enumerable.Repeat("a b c ", 10_000)));
        Assert.Equal(512, encoded.Length);
        Assert.True(encoded.Truncated);
    }

    [Theory]
    [InlineData("not json", "tokenizer.json: the file is not JSON (line 1).")]
    [InlineData("[]", "tokenizer.json: the file should be an object but is a list.")]
    [InlineData("""{"model": {"type": "WordLevel", "unk_token": "a", "vocab": {"\ud800": 0}}}""", "tokenizer.json: the file holds a text that is not valid Unicode.")]
    [InlineData("{}", "tokenizer.json: model should be an object but is missing.")]
    [InlineData("""{"version": "2.0"}""", "tokenizer.json: version is \"2.0\", which is not supported.")]
    [InlineData("""{"normaliser": null}""", "tokenizer.json: normaliser is a setting this reader does not know.")]
    [InlineData("""{"model": {"type": "Tiktoken"}}""", "tokenizer.json: model.type is \"Tiktoken\", which is not supported.")]
    [InlineData("""{"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"a": 0}}}""", "tokenizer.json: model.unk_token is not in the vocabulary.")]
    [InlineData("""{"model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": "0"}}}""", "tokenizer.json: model.vocab.a should be a whole number but is a text.")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {}}}""", "tokenizer.json: model.vocab is empty.")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}}""", "tokenizer.json: model.dropout drops merges by chance, so that a text would not be scored twice alike.")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}""", "tokenizer.json: model.merges[0] needs the token \"b\", which is not in the vocabulary.")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["aa"]}}""", "tokenizer.json: model.merges[0] is not a pair of tokens.")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 3, "vocab": [["a", -1]]}}""", "tokenizer.json: model.unk_id is 3, but the vocabulary has 1 tokens.")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a"]]}}""", "tokenizer.json: model.vocab[0] is not a token with its score.")]
    [InlineData("""{"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Reverse"}]}}""", "tokenizer.json: normalizer.normalizers[1].type is \"Reverse\", which is not supported.")]
    [InlineData("""{"normalizer": {"type": "Lowercase", "locale": "tr"}}""", "tokenizer.json: normalizer.locale is a setting this reader does not know.")]
    [InlineData("""{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}}""", "tokenizer.json: normalizer.precompiled_charsmap is not a table in base64.")]
    [InlineData("""{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "/wAAAAAAAAA="}}""", "tokenizer.json: normalizer.precompiled_charsmap is cut off.")]
    [InlineData("""{"pre_tokenizer": {"type": "FixedLength", "length": 3}}""", "tokenizer.json: pre_tokenizer.length is a setting this reader does not know.")]
    [InlineData("""{"pre_tokenizer": {"type": "Punctuation", "behavior": "Sideways"}}""", "tokenizer.json: pre_tokenizer.behavior is \"Sideways\", which is not supported.")]
    [InlineData("""{"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}}""", "tokenizer.json: pre_tokenizer.replacement must be one character of the basic plane.")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\p{Han}+"}, "behavior": "Isolated", "invert": false}}""", "tokenizer.json: pre_tokenizer.pattern.Regex is a regular expression with \\p{Han}, which is not supported.")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated", "invert": false}}""", "tokenizer.json: pre_tokenizer.pattern.Regex is a regular expression that .NET cannot express.")]
    public void Load_RefusesWhatItCannotDoInOneSentenceThatNamesTheKey(string file, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<TokenizerFormatException>(() => Load(file)).Message);

    [Theory]
    [InlineData("\"post_processor\": {\"type\": \"BertProcessing\"", "\"post_processor\": {\"type\": \"Sideways\"", "tokenizer.json: post_processor.type is \"Sideways\", which is not supported.")]
    [InlineData("\"id\": 7", "\"id\": 9", "tokenizer.json: added_tokens[1].id is 9, but the Rust library would give \"<new>\" the id 7.")]
    [InlineData("\"id\": 0", "\"id\": 3", "tokenizer.json: added_tokens[0].id is 3, but the Rust library would give \"[PAD]\" the id 0.")]
    [InlineData("\"added_tokens\"", "\"truncation\": {\"max_length\": 1, \"strategy\": \"LongestFirst\", \"stride\": 0}, \"added_tokens\"", "A maximum length of 1 leaves no room for the 2 special tokens.")]
    [InlineData("\"added_tokens\"", "\"truncation\": {\"max_length\": 9, \"strategy\": \"LongestFirst\", \"stride\": 3}, \"added_tokens\"", "tokenizer.json: truncation.stride asks for overlapping windows, but a reward is computed from one.")]
    [InlineData("\"added_tokens\"", "\"padding\": {\"strategy\": \"Longest\", \"pad_id\": 0, \"pad_type_id\": 0}, \"added_tokens\"", "tokenizer.json: padding.strategy is \"Longest\", which is not supported.")]
    public void Load_RefusesASettingThatContradictsTheRest(string setting, string instead, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<TokenizerFormatException>(() => Load(Words.Replace(setting, instead, StringComparison.Ordinal))).Message);

    [Fact]
    public void Encode_RefusesAnUnknownCharacterWhereThereIsNoTokenForIt()
    {
        var tokenizer = Load("""{"model": {"type": "Unigram", "unk_id": null, "vocab": [["a", -1]]}}""");
        Assert.Equal([0, 0], tokenizer.Encode("aa").Ids.ToArray());
        Assert.Equal("tokenizer.json: model.unk_id is missing, and the text has a character that the vocabulary lacks.",
            Assert.Throws<TokenizerFormatException>(() => tokenizer.Encode("ab")).Message);
    }

    private static Tokenizer Load(string file) => Tokenizer.Load(new MemoryStream(Encoding.UTF8.GetBytes(file)));
}
