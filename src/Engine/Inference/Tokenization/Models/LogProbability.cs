using System.Globalization;

namespace PersonalLlm.Engine.Inference.Tokenization.Models;

/// <summary>Reads a number as Rust's serde_json does by default: the digits as one integer, divided once by a power of ten.</summary>
/// <remarks>
/// That can differ from the nearest double by its last digit. Between two segmentations whose sums are equal that digit decides, so that a
/// correct reader would now and then choose another one than the official library.
/// </remarks>
internal static class LogProbability
{
    private const int LargestPower = 308;

    public static double Parse(string json)
    {
        var mantissa = json.AsSpan().TrimStart('-');
        var exponent = 0;
        if (mantissa.IndexOfAny('e', 'E') is >= 0 and var mark)
        {
            exponent = int.Parse(mantissa[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            mantissa = mantissa[..mark];
        }
        var digits = 0UL;
        var isFraction = false;
        var isFull = false;
        foreach (var character in mantissa)
        {
            if (character == '.')
            {
                (isFraction, isFull) = (true, false);
                continue;
            }
            var digit = (ulong)(character - '0');
            isFull |= digits > (ulong.MaxValue - digit) / 10;
            if (!isFull)
                digits = digits * 10 + digit;
            if (isFull != isFraction)
                exponent += isFraction ? -1 : 1;
        }
        var value = Scaled(digits, exponent);
        return json.StartsWith('-') ? -value : value;
    }

    private static double Scaled(double value, int exponent)
    {
        for (; exponent < -LargestPower && value != 0; exponent += LargestPower)
            value /= 1e308;
        return exponent >= 0 ? value * PowerOfTen(exponent) : value / PowerOfTen(-exponent);
    }

    private static double PowerOfTen(int exponent) =>
        double.Parse($"1e{Math.Min(exponent, LargestPower)}", CultureInfo.InvariantCulture);
}
