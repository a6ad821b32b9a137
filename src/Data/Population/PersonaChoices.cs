using System.Buffers.Binary;

namespace PersonalLlm.Data.Population;

/// <summary>First choices as they stand in a persona's row: little-endian int16, one per prompt of the data set, −1 where there is none.</summary>
public static class PersonaChoices
{
    private const short None = -1;

    /// <summary>Choices of nobody on anything.</summary>
    public static byte[] Empty(int prompts)
    {
        var choices = new byte[prompts * sizeof(short)];
        choices.AsSpan().Fill(0xFF);
        return choices;
    }

    public static int PromptCountOf(byte[] choices) => choices.Length / sizeof(short);

    /// <summary>The chosen response of a prompt, or null.</summary>
    public static int? Of(byte[] choices, int promptIndex) =>
        BinaryPrimitives.ReadInt16LittleEndian(choices.AsSpan(promptIndex * sizeof(short))) is >= 0 and var response ? response : null;

    public static void Set(byte[] choices, int promptIndex, int? response) =>
        BinaryPrimitives.WriteInt16LittleEndian(choices.AsSpan(promptIndex * sizeof(short)), (short)(response ?? None));

    /// <summary>All choices, in the order of the prompts.</summary>
    public static IEnumerable<(int PromptIndex, int Response)> Read(byte[] choices)
    {
        for (var promptIndex = 0; promptIndex < PromptCountOf(choices); promptIndex++)
            if (Of(choices, promptIndex) is { } response)
                yield return (promptIndex, response);
    }
}
