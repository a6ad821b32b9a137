using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Population.Kernels;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Evaluation;

/// <summary>For every two simulated users, the mean over prompts of Kendall's τ between their rankings: [users × users].</summary>
/// <remarks>
/// τ = 1 − 2·d / (R(R − 1)/2), with d the pairs of the R responses that the two order differently. Rankings are strict, as
/// <see cref="ChoiceModel.Rank"/> makes them: equal utilities keep the order of the responses. Prompts with one response have no pair
/// and do not count. For the mean over all pairs of many users, <see cref="PairwiseAgreement.WithinSimulated"/> needs no matrix; the two
/// are equal where no user has two equal utilities.
/// </remarks>
public sealed class AgreementMatrix
{
    private const int UsersPerBlock = 32;
    private const int RowsPerStep = 4;

    private readonly double[] values;

    private AgreementMatrix(int users, int prompts, double[] values)
    {
        Users = users;
        Prompts = prompts;
        this.values = values;
    }

    public int Users { get; }

    /// <summary>How many prompts the means are over; 0 makes every agreement NaN.</summary>
    public int Prompts { get; }

    /// <summary>Agreement of two users, in [−1, 1]; a user agrees with itself: 1.</summary>
    public double this[int one, int other] => values[(one * Users) + other];

    /// <summary>All agreements, row-major.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>Ranks every prompt for every user and compares all users: O(users² × prompts), memory O(users²).</summary>
    /// <param name="rewards">Standardised; its reward models are those of the population, in the same order.</param>
    /// <param name="users">At most 46,340, so that the matrix fits into one array.</param>
    /// <param name="maximumThreads">−1 for as many as there are.</param>
    /// <param name="cancellationToken">Checked every few users.</param>
    /// <exception cref="ArgumentException">The reward models differ, or there are too many users.</exception>
    public static AgreementMatrix Of(
        RewardMatrix rewards, SimulatedUsers users, int maximumThreads = -1, CancellationToken cancellationToken = default) =>
        Of(rewards, users, LaneWidths.Widest, maximumThreads, cancellationToken);

    internal static AgreementMatrix Of(
        RewardMatrix rewards, SimulatedUsers users, LaneWidth width, int maximumThreads, CancellationToken cancellationToken)
    {
        VoteCounter.RefuseOtherRewardModels(rewards, users.Spec);
        if ((long)users.Count * users.Count > Array.MaxLength)
            throw new ArgumentException($"A matrix of {users.Count} × {users.Count} users is too large to hold; take a block of them.");
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = maximumThreads };
        var bits = new PairBits(rewards, users, width, options);
        var values = new double[users.Count * users.Count];
        var prompts = 0;
        // Prompts with equally many responses have words of the same length and one denominator.
        foreach (var alike in Enumerable.Range(0, rewards.PromptCount).GroupBy(rewards.ResponseCountOf).Where(group => group.Key > 1))
        {
            var promptIndexes = alike.ToArray();
            prompts += promptIndexes.Length;
            AddDisagreement(bits, promptIndexes, alike.Key, users.Count, values, options);
        }
        for (var one = 0; one < users.Count; one++)
            for (var other = one; other < users.Count; other++)
                values[(one * users.Count) + other] = values[(other * users.Count) + one] =
                    prompts == 0 ? double.NaN : 1 - (2 * values[(one * users.Count) + other] / prompts);
        return new AgreementMatrix(users.Count, prompts, values);
    }

    /// <summary>Adds, above the diagonal, the shares of pairs of responses that two users order differently, summed over the prompts.</summary>
    private static void AddDisagreement(PairBits bits, int[] promptIndexes, int responses, int users, double[] values, ParallelOptions options)
    {
        var words = PairBits.WordsOf(responses);
        var promptsPerChunk = Math.Max(1, BitDistance.MostWords / words / 2);
        var wordsPerRow = Padded(Math.Min(promptsPerChunk, promptIndexes.Length) * words);
        var rows = new AlignedArray<uint>(users * wordsPerRow);
        var distances = new int[users * users];
        for (var first = 0; first < promptIndexes.Length; first += promptsPerChunk)
        {
            var chunk = promptIndexes.AsMemory(first, Math.Min(promptsPerChunk, promptIndexes.Length - first));
            if (chunk.Length * words < wordsPerRow)
                rows.Span.Clear();
            bits.Write(chunk, wordsPerRow, rows);
            AddDistances(rows, wordsPerRow, Padded(chunk.Length * words), users, distances, options);
        }
        var pairs = responses * (responses - 1) / 2.0;
        for (var place = 0; place < values.Length; place++)
            values[place] += distances[place] / pairs;
    }

    private static void AddDistances(AlignedArray<uint> rows, int wordsPerRow, int words, int users, int[] distances, ParallelOptions options) =>
        Parallel.For(0, (users + UsersPerBlock - 1) / UsersPerBlock, options, block =>
        {
            var beyond = Math.Min(users, (block + 1) * UsersPerBlock);
            // A few rows stay in the first-level cache while those of the block pass by.
            for (var first = 0; first < beyond; first += RowsPerStep)
                for (var other = Math.Max(block * UsersPerBlock, first + 1); other < beyond; other++)
                    for (var one = first; one < Math.Min(other, first + RowsPerStep); one++)
                        distances[(one * users) + other] += BitDistance.Between(
                            ref rows[one * wordsPerRow], ref rows[other * wordsPerRow], words);
        });

    private static int Padded(int words) => (words + BitDistance.WordsPerStep - 1) / BitDistance.WordsPerStep * BitDistance.WordsPerStep;
}
