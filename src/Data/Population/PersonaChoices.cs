using System.Buffers.Binary;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Data.Population;

/// <summary>First choices as they stand in a persona's row: little-endian int16, one per prompt of the data set; see <see cref="PersonaVotes"/>.</summary>
public static class PersonaChoices
{
    /// <summary>Choices of a persona that has not been asked about anything.</summary>
    public static byte[] Empty(int prompts) => Pack(Enumerable.Repeat(PersonaVotes.NotAsked, prompts).ToArray());

    public static byte[] Pack(ReadOnlySpan<int> choices)
    {
        var packed = new byte[choices.Length * sizeof(short)];
        for (var promptIndex = 0; promptIndex < choices.Length; promptIndex++)
            Set(packed, promptIndex, choices[promptIndex]);
        return packed;
    }

    public static int[] Unpack(byte[] packed)
    {
        var choices = new int[packed.Length / sizeof(short)];
        for (var promptIndex = 0; promptIndex < choices.Length; promptIndex++)
            choices[promptIndex] = At(packed, promptIndex);
        return choices;
    }

    public static int At(byte[] packed, int promptIndex) => BinaryPrimitives.ReadInt16LittleEndian(packed.AsSpan(promptIndex * sizeof(short)));

    public static void Set(byte[] packed, int promptIndex, int choice) =>
        BinaryPrimitives.WriteInt16LittleEndian(packed.AsSpan(promptIndex * sizeof(short)), (short)choice);

    /// <summary>The choices that were made, in the order of the prompts.</summary>
    public static IEnumerable<(int PromptIndex, int Response)> Made(byte[] packed) =>
        Unpack(packed).Select((choice, promptIndex) => (promptIndex, choice)).Where(one => one.choice >= 0);
}
