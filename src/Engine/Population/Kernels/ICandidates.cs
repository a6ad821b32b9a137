namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>A number of responses that the compiler knows, so that one text of a kernel becomes straight-line code for each number.</summary>
internal interface ICandidates
{
    static abstract int Count { get; }
}

internal readonly struct Two : ICandidates
{
    public static int Count => 2;
}

internal readonly struct Three : ICandidates
{
    public static int Count => 3;
}

internal readonly struct Four : ICandidates
{
    public static int Count => 4;
}

internal readonly struct Five : ICandidates
{
    public static int Count => 5;
}

internal readonly struct Six : ICandidates
{
    public static int Count => 6;
}

internal readonly struct Seven : ICandidates
{
    public static int Count => 7;
}

internal readonly struct Eight : ICandidates
{
    public static int Count => 8;
}
