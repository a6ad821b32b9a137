using System.Runtime.CompilerServices;
using PersonalLlm.Engine.Population.Kernels;

namespace PersonalLlm.Engine.Tests.Population.Kernels;

public class AlignedArrayTests
{
    [Fact]
    public void EveryLine_BeginsAMultipleOf64BytesAfterTheFirst_AndNothingOverlaps()
    {
        for (var length = 1; length < 100; length += 7)
        {
            var first = new AlignedArray<float>(length);
            var second = new AlignedArray<float>(length);
            Assert.Equal(length, first.Span.Length);
            Assert.Equal(0, Unsafe.ByteOffset(ref first[0], ref second[0]) % 64);
            first.Span.Fill(1);
            Assert.Equal(0, second.Span.ToArray().Sum());
        }
    }
}
