using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Population;

/// <summary>
/// How a simulated user turns utilities into a first choice or a ranking: P(r) ∝ exp(β·u_r), and Plackett–Luce for full rankings.
/// </summary>
/// <remarks>
/// Both come from adding standard Gumbel noise to β·u and sorting (Yellott 1977), the noise addressed by seed, user and response: a
/// user's choice on a prompt is the same whoever else is simulated, and the first choice is the top of the ranking. At β = ∞ there
/// is no noise, and equal utilities go to the lowest index. The noise has 32-bit resolution: events rarer than 2⁻³² never happen.
/// </remarks>
public sealed class ChoiceModel
{
    private const double Ulp32 = 1.0 / (1UL << 32);
    private const int OnStack = 64;

    /// <param name="inverseTemperature">β, 0 to <see cref="PopulationSpec.LargestInverseTemperature"/>, or positive infinity.</param>
    /// <param name="seed">The population's seed.</param>
    public ChoiceModel(double inverseTemperature, uint seed)
    {
        InverseTemperature = inverseTemperature;
        Seed = seed;
    }

    public ChoiceModel(PopulationSpec spec) : this(spec.InverseTemperature, spec.Seed)
    {
    }

    public double InverseTemperature { get; }

    /// <summary>The population's seed: part of the address of the noise.</summary>
    internal uint Seed { get; }

    public bool IsNoiseFree => double.IsPositiveInfinity(InverseTemperature);

    /// <summary>The chosen response, as an index into <paramref name="utilities"/>.</summary>
    /// <param name="utilities">Of the responses of one prompt, at least one.</param>
    /// <param name="userIndex">In the whole population.</param>
    /// <param name="firstResponseIndex">Row of the prompt's first response in the reward matrix.</param>
    public int FirstChoice(ReadOnlySpan<float> utilities, int userIndex, int firstResponseIndex)
    {
        var perturbed = utilities.Length <= OnStack ? stackalloc double[utilities.Length] : new double[utilities.Length];
        Perturb(utilities, userIndex, firstResponseIndex, perturbed);
        var best = 0;
        for (var response = 1; response < perturbed.Length; response++)
            if (perturbed[response] > perturbed[best])
                best = response;
        return best;
    }

    /// <summary>All responses from best to worst, as indexes into <paramref name="utilities"/>.</summary>
    /// <param name="utilities">Of the responses of one prompt, at least one.</param>
    /// <param name="userIndex">In the whole population.</param>
    /// <param name="firstResponseIndex">Row of the prompt's first response in the reward matrix.</param>
    /// <param name="bestFirst">As long as <paramref name="utilities"/>; overwritten.</param>
    public void Rank(ReadOnlySpan<float> utilities, int userIndex, int firstResponseIndex, Span<int> bestFirst)
    {
        var perturbed = utilities.Length <= OnStack ? stackalloc double[utilities.Length] : new double[utilities.Length];
        Perturb(utilities, userIndex, firstResponseIndex, perturbed);
        // Insertion: prompts have a handful of responses, and equal utilities must keep their order.
        for (var response = 0; response < perturbed.Length; response++)
        {
            var place = response;
            for (; place > 0 && perturbed[response] > perturbed[bestFirst[place - 1]]; place--)
                bestFirst[place] = bestFirst[place - 1];
            bestFirst[place] = response;
        }
    }

    /// <summary>β·u plus the user's noise, or u itself at β = ∞: larger is preferred.</summary>
    /// <param name="utilities">Of the responses of one prompt, at least one.</param>
    /// <param name="userIndex">In the whole population.</param>
    /// <param name="firstResponseIndex">Row of the prompt's first response in the reward matrix.</param>
    /// <param name="perturbed">As long as <paramref name="utilities"/>; overwritten.</param>
    public void Perturb(ReadOnlySpan<float> utilities, int userIndex, int firstResponseIndex, Span<double> perturbed)
    {
        for (var response = 0; response < utilities.Length; response++)
            perturbed[response] = utilities[response];
        if (!IsNoiseFree)
            AddNoise(userIndex, firstResponseIndex, perturbed);
    }

    private void AddNoise(int userIndex, int firstResponseIndex, Span<double> values)
    {
        // One Philox block, and one pair of vector logarithms, serves four neighbouring rows of the reward matrix, whichever prompt
        // they belong to: so the noise of a row never depends on the rows beside it.
        var beyond = firstResponseIndex + values.Length;
        for (var responseIndex = firstResponseIndex; responseIndex < beyond;)
        {
            var noise = Noise(userIndex, responseIndex >> 2);
            do
            {
                ref var value = ref values[responseIndex - firstResponseIndex];
                value = (InverseTemperature * value) + noise[responseIndex & 3];
                responseIndex++;
            }
            while (responseIndex < beyond && (responseIndex & 3) != 0);
        }
    }

    /// <summary>Standard Gumbel noise, −ln(−ln U), of rows 4·<paramref name="blockIndex"/> up to the next block.</summary>
    private Vector256<double> Noise(int userIndex, int blockIndex)
    {
        var (w0, w1, w2, w3) = Philox.Block(0, (uint)userIndex, (uint)blockIndex, RandomStreams.Choices, Seed, 0);
        var uniforms = (Vector256.Create((double)w0, w1, w2, w3) + Vector256.Create(0.5)) * Ulp32;
        return -Vector256.Log(-Vector256.Log(uniforms));
    }
}
