using System.Diagnostics;
using System.Text.Json;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>What is timed.</summary>
/// <param name="Name">Shown beside the numbers.</param>
/// <param name="Once">Does the work and returns a small value by which another program proves that it computed the same.</param>
internal sealed record Job(string Name, Func<object> Once);

/// <summary>The peers' protocol: warm up, say ready, then one run and one line of JSON for each line read; "quit" ends it.</summary>
internal static class Timing
{
    public static void Run(Job job, Arguments arguments)
    {
        job.Once();
        if (!arguments.Serve)
        {
            for (var repetition = 0; repetition < arguments.Integer("reps", 3); repetition++)
                Time(job);
            return;
        }
        Say(new { ready = job.Name });
        while (Console.ReadLine() is { } line && line.Trim() != "quit")
            Time(job);
    }

    private static void Time(Job job)
    {
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var wallBefore = Stopwatch.GetTimestamp();
        var check = job.Once();
        var wall = Stopwatch.GetElapsedTime(wallBefore).TotalSeconds;
        Say(new { name = job.Name, wall, cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds, peakMb = PeakMegabytes(), check });
    }

    /// <summary>The most memory that this program has held so far.</summary>
    private static long PeakMegabytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 >> 20;
    }

    private static void Say(object line)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(line));
        Console.Out.Flush();
    }
}
