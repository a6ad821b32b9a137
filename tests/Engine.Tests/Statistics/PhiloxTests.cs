using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public class PhiloxTests
{
    // Computed by an independent implementation in Python.
    [Fact]
    public void ABlock_NeverChanges() =>
        Assert.Equal((0xF5C253B7u, 0xCC6E89D6u, 0xB2E88015u, 0x3398FB40u), Philox.Block(3, 123_456, 9, 1, 7, 0));

    [Fact]
    public void ManyIndexesAtOnce_EqualOneBlockAfterTheOther()
    {
        var indexes = Enumerable.Range(0, 2 * Philox.AtOnce).Select(place => uint.MaxValue - ((ulong)place * 77_777_777)).Select(index => index & uint.MaxValue).ToArray();
        var (first, second) = (new ulong[indexes.Length], new ulong[indexes.Length]);
        Philox.ByIndex(Philox.Keys(0xFEDC_BA98_7654_3210), 5, indexes, 6, 7, first, second);
        for (var place = 0; place < indexes.Length; place++)
            Assert.Equal(Paired(Philox.Block(5, (uint)indexes[place], 6, 7, 0x7654_3210, 0xFEDC_BA98)), (first[place], second[place]));
    }

    [Fact]
    public void ManyBlocksAtOnce_EqualOneBlockAfterTheOther()
    {
        var (first, second) = (new ulong[Philox.AtOnce], new ulong[Philox.AtOnce]);
        Philox.ByBlock(Philox.Keys(99), 1000, uint.MaxValue, 2, 3, first, second);
        for (var place = 0; place < Philox.AtOnce; place++)
            Assert.Equal(Paired(Philox.Block(1000 + (uint)place, uint.MaxValue, 2, 3, 99, 0)), (first[place], second[place]));
    }

    private static (ulong First, ulong Second) Paired((uint W0, uint W1, uint W2, uint W3) block) =>
        (block.W0 | ((ulong)block.W1 << 32), block.W2 | ((ulong)block.W3 << 32));
}
