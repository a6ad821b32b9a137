using System.CommandLine;
using System.CommandLine.Invocation;

namespace PersonalLlm.Web.Cli;

/// <summary>The verbs of the program. Each is a thin call into a feature; without a verb the program serves.</summary>
internal static class CommandLine
{
    // What a shell expects of a program that Ctrl-C ended.
    private const int Interrupted = 130;

    // Work looks up often, but a slow machine may need this long to put away an unfinished file.
    private static readonly TimeSpan s_untilStopped = TimeSpan.FromSeconds(10);

    private static IReadOnlyList<Command> Verbs { get; } =
        [ImportCommand.Create(), SimulateCommand.Create(), CharacteriseCommand.Create(), OpinionQaCommand.Create(), WeightsCommand.Create(), UsersCommand.Create()];

    /// <summary>True when the arguments ask for something other than serving: a verb, even a mistyped one, help or the version.</summary>
    public static bool IsVerb(string[] args) => args switch
    {
        [] => false,
        ["serve", .. var rest] => rest is ["--help" or "-h" or "-?"],
        [var first, ..] => !first.StartsWith('-') || first is "--help" or "-h" or "-?" or "--version",
    };

    /// <summary>Runs a verb. Exit code 0: done; 1: refused, with one sentence on standard error; 2: the arguments are wrong; 130: stopped by Ctrl-C.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Parse(args);
        // A sentence that says what is wrong is worth more with the whole help out of its way.
        if (parsed.Action is ParseErrorAction problem)
            problem.ShowHelp = false;
        try
        {
            var exitCode = await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = s_untilStopped,
            });
            return parsed.Errors.Count > 0 ? 2 : exitCode;
        }
        catch (OperationCanceledException)
        {
            CliProgress.Clear();
            Console.Error.WriteLine("Stopped; nothing was written.");
            return Interrupted;
        }
        catch (Exception unforeseen)
        {
            // Nobody's input is to blame: whoever reports it needs all of it.
            Console.Error.WriteLine(unforeseen);
            return 1;
        }
    }

    internal static ParseResult Parse(IReadOnlyList<string> args)
    {
        var root = new RootCommand("PersonalLLM: ranks responses with people and simulated users, and compares the two.")
        {
            new Command("serve", "Start the web application (the default)."),
        };
        foreach (var verb in Verbs)
            root.Subcommands.Add(verb);
        return root.Parse(args);
    }
}
