using PersonalLlm.Engine.Inference;

namespace PersonalLlm.Engine.Tests.Inference;

public sealed class ChatTemplateTests
{
    [Theory]
    [InlineData("llama3", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nBecause.<|eot_id|>")]
    [InlineData("mistral", "<s>[INST]  Why?  [/INST]Because.</s>")]
    [InlineData("gemma", "<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\nBecause.<end_of_turn>\n")]
    [InlineData("chatml", "<|im_start|>user\n Why? <|im_end|>\n<|im_start|>assistant\nBecause.<|im_end|>\n")]
    [InlineData("zephyr", "<|user|>\n Why? </s>\n<|assistant|>\nBecause.</s>\n")]
    [InlineData("oasst", "<|prompter|> Why? <|endoftext|><|assistant|>Because.<|endoftext|>")]
    [InlineData("hh", "\n\nHuman:  Why? \n\nAssistant: Because.")]
    [InlineData("beaver", "BEGINNING OF CONVERSATION: USER:  Why?  ASSISTANT:Because.")]
    public void Render_WritesAPromptAndItsResponseAsTheModelWasTrained(string name, string expected) =>
        Assert.Equal(expected, ChatTemplate.Named(name).Render(" Why? ", "Because."));

    [Theory]
    [InlineData("llama3", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>")]
    [InlineData("chatml", "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n")]
    [InlineData("zephyr", "<|system|>\nBe brief.</s>\n<|user|>\nWhy?</s>\n")]
    [InlineData("oasst", "<|system|>Be brief.<|endoftext|><|prompter|>Why?<|endoftext|>")]
    public void Render_PutsTheSystemsTextWhereTheModelExpectsIt(string name, string expected) =>
        Assert.Equal(expected, ChatTemplate.Named(name).Render([new(ChatRole.System, "Be brief."), new(ChatRole.User, "Why?")]));

    [Theory]
    [InlineData("mistral")]
    [InlineData("gemma")]
    [InlineData("hh")]
    [InlineData("beaver")]
    public void Render_RefusesASystemTextThatTheModelNeverSaw(string name)
    {
        var refusal = Assert.Throws<ArgumentException>(() => ChatTemplate.Named(name).Render([new(ChatRole.System, "Be brief.")]));
        Assert.Equal($"The chat template \"{name}\" has no place for a system text.", refusal.Message);
    }

    [Fact]
    public void Render_KeepsTheOrderOfTurns() => Assert.Equal(
        "<s>[INST] 1 [/INST]2</s>[INST] 3 [/INST]4</s>",
        ChatTemplate.Named("mistral").Render(
            [new(ChatRole.User, "1"), new(ChatRole.Assistant, "2"), new(ChatRole.User, "3"), new(ChatRole.Assistant, "4")]));

    [Fact]
    public void Render_OfADeclaredTemplateStandsBetweenItsBeginningAndItsEnding() => Assert.Equal(
        "<question>1+1</question><answer>2</answer><score>",
        new ChatTemplate("mine", new("<question>", "</question>"), new("<answer>", "</answer>"), Ending: "<score>").Render("1+1", "2"));

    [Fact]
    public void Named_SaysWhichTemplatesThereAre()
    {
        var refusal = Assert.Throws<ArgumentException>(() => ChatTemplate.Named("llama4"));
        Assert.Equal("There is no chat template \"llama4\"; known ones are llama3, mistral, gemma, chatml, zephyr, oasst, hh, beaver.", refusal.Message);
    }
}
