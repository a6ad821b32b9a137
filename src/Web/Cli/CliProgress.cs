namespace PersonalLlm.Web.Cli;

/// <summary>One line on standard error that says what is being done, where somebody is looking at it.</summary>
internal sealed class CliProgress : IProgress<string>
{
    private const string ClearLine = "\r\e[K";

    public void Report(string value)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"{ClearLine}{value} …");
    }

    /// <summary>Takes the line away again; without one it does nothing.</summary>
    public static void Clear()
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write(ClearLine);
    }
}
