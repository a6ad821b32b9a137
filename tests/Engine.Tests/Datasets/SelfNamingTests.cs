using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Datasets;

public sealed class SelfNamingTests
{
    [Theory]
    [InlineData("As an AI language model developed by OpenAI, I cannot vote.", "gpt-4o", "As an AI language model developed by OpenAI")]
    [InlineData("To be clear, as an AI created by Anthropic, I have no opinion.", "claude-3-opus", "as an AI created by Anthropic")]
    [InlineData("I'm Claude, happy to help.", "claude-3-opus", "I'm Claude")]
    [InlineData("You can call me Claude. Nice to meet you!", "claude-3-sonnet", "call me Claude")]
    [InlineData("I’m Claude, an AI assistant.", "some-other-model", "I’m Claude")]
    [InlineData("As Gemini, I look at it from both sides.", "gemini-pro", "As Gemini")]
    [InlineData("Well, but as ChatGPT, I do not browse.", "model-a", "but as ChatGPT")]
    [InlineData("I am a large language model, trained by Google.", "gemini-pro", "I am a large language model, trained by Google")]
    [InlineData("ChatGPT is a model from OpenAI and I am a model from Mistral AI.", "Mixtral-8x22B", "I am a model from Mistral")]
    [InlineData("We are both large language models trained by Anthropic.", "claude-3-opus", "We are both large language models trained by Anthropic")]
    [InlineData("I was created and trained by Cohere to help.", "cohere", "I was created and trained by Cohere")]
    [InlineData("My name is Qwen.", "qwen2-72b", "My name is Qwen")]
    [InlineData("I am GPT-4.", "model-a", "I am GPT-4")]
    [InlineData("Signed: Meta-Llama-3-70B-Instruct", "meta-llama-3-70b-instruct", "Meta-Llama-3-70B-Instruct")]
    public void AResponseThatSaysWhoWroteIt_IsQuoted(string text, string responseModel, string quote) =>
        Assert.StartsWith(quote, SelfNaming.Find(text, responseModel), StringComparison.Ordinal);

    [Theory]
    [InlineData("As an AI language model, I have no opinions.", "gpt-4o")]
    [InlineData("I am Claude Monet, and I paint light.", "claude-3-opus")]
    [InlineData("I am Sir Claude Fitzroy, a knight.", "claude-3-sonnet")]
    [InlineData("A summary of the essay by Jean-Claude Devèze.", "claude-3-opus")]
    [InlineData("I'm a Gemini, born in June; Geminis talk a lot.", "gemini-pro")]
    [InlineData("The twins of Gemini, I think, are Castor and Pollux.", "gemini-pro")]
    [InlineData("My name is Alice, and I am an AI researcher.", "gpt-4o")]
    [InlineData("I'm Gemma, and this is my bakery.", "gpt-4o")]
    [InlineData("My name is Alpaca, said the animal.", "gpt-4o")]
    [InlineData("I am not as capable as ChatGPT, I think.", "claude-3-opus")]
    [InlineData("ChatGPT is a language model developed by OpenAI.", "gpt-4o")]
    [InlineData("TypeScript was created by Microsoft, and I am a fan of the language model from Google.", "gpt-4o")]
    [InlineData("I am a developer who uses an assistant made by Google.", "gpt-4o")]
    [InlineData("The sentences cohere.", "cohere")]
    [InlineData("I am coherent.", "cohere")]
    [InlineData("I'm meta about it.", "Meta-Llama-3-70B-Instruct")]
    public void TalkingOfModelsPeopleAndStars_IsNoConfession(string text, string responseModel) =>
        Assert.Null(SelfNaming.Find(text, responseModel));

    [Theory]
    [InlineData("I'm Claude 3 Opus, made by Anthropic. Anthropic is a company.", "claude-3-opus", "I'm […], made by […]. […] is a company.")]
    [InlineData("I was developed by Google. Ask Google or ChatGPT.", "gemini-pro", "I was developed by […]. Ask […] or […].")]
    [InlineData("i am CHATGPT. I am ChatGPT, not Microsoft Word.", "gpt-4", "i am […]. I am […], not Microsoft Word.")]
    [InlineData("Signed: Meta-Llama-3-70B-Instruct", "meta-llama-3-70b-instruct", "Signed: […]")]
    [InlineData("ChatGPT is a language model developed by OpenAI.", "gpt-4o", "ChatGPT is a language model developed by OpenAI.")]
    [InlineData("I am Claude Monet, and I paint light.", "claude-3-opus", "I am Claude Monet, and I paint light.")]
    public void Mask_CoversTheNamesOfATextThatConfesses_AndLeavesOthersAlone(string text, string responseModel, string masked) =>
        Assert.Equal(masked, SelfNaming.Mask(text, responseModel));

    [RealDataFact("alpaca8.jsonl.gz")]
    public async Task AMaskedText_ConfessesNothing_AndIsNotMaskedFurther()
    {
        await using var stream = File.OpenRead(RealData.Find("alpaca8.jsonl.gz")!);
        await using var file = await DatasetFile.OpenAsync(stream);
        var found = 0;
        await foreach (var entry in file.ReadAsync())
        {
            foreach (var response in entry.Record?.Responses ?? [])
            {
                var masked = SelfNaming.Mask(response.Text, response.ResponseModel);
                Assert.Null(SelfNaming.Find(masked, response.ResponseModel));
                Assert.Equal(masked, SelfNaming.Mask(masked, response.ResponseModel));
                found += masked == response.Text ? 0 : 1;
            }
        }
        Assert.True(found > 0, "No response of the file names its model, so nothing was tried.");
    }

    [Fact]
    public async Task AFile_ReportsItWithItsLine_AndIsImportedAllTheSame()
    {
        var line = """{"prompt_id": "a", "prompt": "Who are you?", "source": "s", "responses": [{"model": "claude-3", "text": "I'm Claude."}, {"model": "b", "text": "Guess."}]}""";
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("\n" + line));
        await using var file = await DatasetFile.OpenAsync(stream);
        var entries = await file.ReadAsync().ToListAsync();
        var problem = Assert.Single(entries, entry => entry.Problem is not null).Problem!;
        Assert.Equal((2, "Names its model", false), (problem.LineNumber, problem.Kind, problem.IsFatal));
        Assert.Equal("Line 2: response 1 (claude-3) says who wrote it: \u201cI'm Claude\u201d.", problem.ToString());
        Assert.Single(entries, entry => entry.Record is not null);
    }
}
