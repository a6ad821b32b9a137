using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Tests.Statistics;

public class LaneMathTests
{
    private static readonly ulong[] LogBits =
    [
        0xC0859634_47F87FB5, 0xC0026BB1_BBB55515, 0xBFD6D3C3_24E13F4F, 0xBEB0C6F8_2D74D22F,
        0x3FD9F323_ECBF984C, 0x3FF193EA_7AAD030B, 0x4022D795_59791E31, 0x40859634_47F87FB5,
    ];

    private static readonly ulong[] ExpBits =
    [
        0x00CF52F9_3DF4DFCF, 0x3C9422F4_CF50E1D6, 0x3FD78B56_362CEF38, 0x3FEFF7CF_E56F1A9E,
        0x3FF59905_8C8C1A96, 0x4005BF0A_8B14576A, 0x447CF653_19C5751A, 0x7F105861_4179B2A5,
    ];

    [Fact]
    public void Log_IsWithinThreeUnitsInTheLastPlace()
    {
        foreach (var x in Spread(-700, 700).Select(Math.Exp).Concat(Spread(1 - 1e-6, 1 + 1e-6)).Concat(Spread(0.5, 2)))
            Assert.InRange(Units(Math.Log(x), LaneMath.Log(Vector512.Create(x))[3]), 0, 3);
        Assert.Equal(0, LaneMath.Log(Vector512<double>.One)[0]);
    }

    [Fact]
    public void Exp_IsWithinTwoUnitsInTheLastPlace()
    {
        foreach (var x in Spread(-707.9, 709).Concat(Spread(-1, 1)).Concat(Spread(-1e-9, 1e-9)))
            Assert.InRange(Units(Math.Exp(x), LaneMath.Exp(Vector512.Create(x))[5]), 0, 2);
        foreach (var x in new[] { -708.1, -1e5, -1e12, double.MinValue, double.NegativeInfinity })
            Assert.Equal(0, LaneMath.Exp(Vector512.Create(x))[0]);
    }

    [Fact]
    public void CosineOfTurns_IsThatOfTheMachine()
    {
        foreach (var turns in Spread(0, 1).Concat([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, Math.BitDecrement(1)]))
            Assert.Equal(Math.Cos(2 * Math.PI * turns), LaneMath.CosineOfTurns(Vector512.Create(turns))[7], 1e-15);
    }

    // The same lanes give the same bits wherever they lie; the values themselves are pinned, so that another machine would be found out.
    [Fact]
    public void Bits_AreTheSameOnEveryMachine()
    {
        var x = Vector512.Create(1e-300, 0.1, 0.7, 0.999999, 1.5, 3, 12345.678, 1e300);
        var log = LaneMath.Log(x);
        var exp = LaneMath.Exp(Vector512.Create(-700.1, -37.2, -1, -1e-3, 0.3, 1, 50.5, 700.1));
        Assert.Equal(LogBits, Enumerable.Range(0, 8).Select(lane => BitConverter.DoubleToUInt64Bits(log[lane])));
        Assert.Equal(ExpBits, Enumerable.Range(0, 8).Select(lane => BitConverter.DoubleToUInt64Bits(exp[lane])));
    }

    private static IEnumerable<double> Spread(double from, double to)
    {
        const int Points = 20_001;
        for (var point = 0; point < Points; point++)
            yield return from + ((to - from) * point / (Points - 1));
    }

    private static double Units(double expected, double actual) =>
        expected == actual ? 0 : Math.Abs(expected - actual) / (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));

}
