using System.Globalization;
using System.Runtime.InteropServices;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Benchmarks;

/// <summary>The raw little-endian arrays that the peers write on their first run and everybody reads.</summary>
internal static class PeerData
{
    public const int Responses = 8;
    public const int Models = 10;

    private static readonly string s_folder =
        Environment.GetEnvironmentVariable("PEER_DATA") ?? Path.Combine(Path.GetTempPath(), "personalllm-peers");

    /// <summary>Standardised rewards: prompts × 8 responses × 10 reward models.</summary>
    /// <param name="prompts">As many as the file has.</param>
    /// <param name="responses">Other than 8: so many responses in a row are taken for those of one prompt.</param>
    public static RewardMatrix Rewards(int prompts, int responses = Responses) =>
        new(Names, [.. Enumerable.Range(0, (prompts * Responses / responses) + 1).Select(promptIndex => promptIndex * responses)],
            Read<float>($"z_{prompts}_{Responses}_{Models}.f32")[..(prompts * Responses / responses * responses * Models)]);

    /// <summary>Users drawn by NumPy, rounded to float32.</summary>
    public static SimulatedUsers Users(int users, double concentration) =>
        new(Spec(users, concentration), 0, Array.ConvertAll(
            Read<float>(string.Create(CultureInfo.InvariantCulture, $"w_{users}_{Models}_{concentration:0.######}.f32")), weight => (double)weight));

    public static PopulationSpec Spec(int users, double concentration) => new(Names, concentration, users, 0);

    public static T[] Read<T>(string name) where T : struct
    {
        var path = Path.Combine(s_folder, name);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing: run the peer of this question once, it writes the file.");
        return MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(path)).ToArray();
    }

    /// <summary>Of a file that the questions and their peers share; its folder is there.</summary>
    public static string PathOf(string name) => Path.Combine(Directory.CreateDirectory(s_folder).FullName, name);

    private static string[] Names => [.. Enumerable.Range(0, Models).Select(index => $"model_{index:D2}")];
}
