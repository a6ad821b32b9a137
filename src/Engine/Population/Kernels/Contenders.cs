using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PersonalLlm.Engine.Rewards;

namespace PersonalLlm.Engine.Population.Kernels;

/// <summary>
/// Which responses of a prompt can be the first choice of any noise-free user at all. The others need not be scored: they are beaten
/// everywhere on the simplex, whoever is drawn.
/// </summary>
/// <remarks>
/// Response r is dropped only with a certificate: a mixture q of the other responses with Σ_o q_o·z_ok − z_rk ≥ m for every reward model k.
/// For a user w ≥ 0 with S = Σ w_k the exact utilities then obey Σ_o q_o·u_o − u_r ≥ m·S. A utility as the kernels round it, K fused
/// multiply-adds in float32, is off by at most γ·Z·S, with γ = K·2⁻²⁴ / (1 − K·2⁻²⁴) and Z the largest |z| of the prompt (Higham,
/// Accuracy and Stability of Numerical Algorithms, 2002, §3.1), and by K·2⁻¹⁴⁹ where it underflows. So with m &gt; 2·γ·Z the mixture of rounded utilities is
/// still above the rounded u_r, and then so is one of them: r is strictly below the largest, loses no tie, and the votes are the
/// same to the last one. That argument never asks whether o itself was dropped. m is taken twice as large as it must be, which covers the
/// float64 rounding of the certificate.
/// Certificates are found by playing the matrix game of r's supporters (who choose k) against its rivals (who choose o) with
/// multiplicative weights (Freund and Schapire, Games and Economic Behavior, 1999), 16 games per vector. A game that is given up early only keeps a response.
/// </remarks>
internal static class Contenders
{
    /// <summary>Responses beyond these are kept without being looked at.</summary>
    public const int MostResponses = 32;

    private const int PromptsPerTask = 256;
    private const int Games = 16;
    private const int TurnsBetweenLooks = 4;
    private const float Step = 10;
    private const double Unit = 1.0 / (1 << 24);

    // Most games are decided at once; those that are not are gathered and played on.
    private static readonly int[] s_turns = [8, 48];

    /// <summary>[prompts]: bit r is set when response r may be somebody's first choice.</summary>
    public static ulong[] Of(RewardMatrix rewards, ParallelOptions options)
    {
        var contenders = new ulong[rewards.PromptCount];
        Parallel.For(0, (rewards.PromptCount + PromptsPerTask - 1) / PromptsPerTask, options, task =>
        {
            var games = new List<(int PromptIndex, int Response)>();
            var table = new Table(rewards.RewardModelCount);
            var beyond = Math.Min(rewards.PromptCount, (task + 1) * PromptsPerTask);
            for (var promptIndex = task * PromptsPerTask; promptIndex < beyond; promptIndex++)
            {
                contenders[promptIndex] = rewards.ResponseCountOf(promptIndex) is > 1 and <= MostResponses ? table.WinnersSomewhere(rewards, promptIndex) : ulong.MaxValue;
                for (var response = 0; response < Math.Min(MostResponses, rewards.ResponseCountOf(promptIndex)); response++)
                    if ((contenders[promptIndex] >> response & 1) == 0)
                        games.Add((promptIndex, response));
            }
            foreach (var turns in s_turns)
            {
                var undecided = new List<(int PromptIndex, int Response)>();
                foreach (var batch in games.Chunk(Games))
                {
                    options.CancellationToken.ThrowIfCancellationRequested();
                    var (beaten, open) = table.Play(rewards, batch, turns);
                    for (var game = 0; game < batch.Length; game++)
                        if ((open >> game & 1) != 0)
                            undecided.Add(batch[game]);
                        else if ((beaten >> game & 1) == 0)
                            contenders[batch[game].PromptIndex] |= 1UL << batch[game].Response;
                }
                games = undecided;
            }
            foreach (var (promptIndex, response) in games)
                contenders[promptIndex] |= 1UL << response;
        });
        return contenders;
    }

    /// <summary>Where 16 games are played side by side.</summary>
    private sealed class Table(int models)
    {
        // [rivals][reward models]: how much better the rival is, over the largest reward of its prompt.
        private readonly AlignedArray<Vector512<float>> lead = new(MostResponses * models);
        private readonly AlignedArray<Vector512<float>> support = new(models);
        private readonly AlignedArray<Vector512<float>> gains = new(models);
        private readonly AlignedArray<Vector512<float>> mixture = new(MostResponses);
        private readonly AlignedArray<Vector512<float>> losses = new(MostResponses);
        private readonly AlignedArray<Vector512<float>> played = new(MostResponses);

        // Rewards of one prompt, rows filled up with copies of their first.
        private readonly int vectors = (models + Games - 1) / Games;
        private readonly float[] rows = new float[MostResponses * ((models + Games - 1) / Games) * Games];

        /// <summary>The winners at the corners of the simplex and half-way between any two: contenders for certain, and most of them.</summary>
        public ulong WinnersSomewhere(RewardMatrix rewards, int promptIndex)
        {
            var responses = rewards.ResponseCountOf(promptIndex);
            for (var response = 0; response < responses; response++)
            {
                var row = rewards.Row(rewards.FirstResponseOf(promptIndex) + response);
                var padded = rows.AsSpan(response * vectors * Games, vectors * Games);
                padded.Fill(row[0]);
                row.CopyTo(padded);
            }
            var winners = 0UL;
            Span<int> names = stackalloc int[Games];
            for (var one = 0; one < models; one++)
                for (var vector = one / Games; vector < vectors; vector++)
                {
                    var best = Vector512.Create(float.NegativeInfinity);
                    var name = Vector512<int>.Zero;
                    for (var response = 0; response < responses; response++)
                    {
                        var row = rows.AsSpan(response * vectors * Games, vectors * Games);
                        var sum = Vector512.Create<float>(row[(vector * Games)..]) + Vector512.Create(row[one]);
                        name = Vector512.ConditionalSelect(Vector512.GreaterThan(sum, best).AsInt32(), Vector512.Create(response), name);
                        best = Vector512.MaxNative(sum, best);
                    }
                    name.CopyTo(names);
                    foreach (var response in names)
                        winners |= 1UL << response;
                }
            return winners;
        }

        /// <summary>Bit g is set in the first when the response of game g is certified to be beaten, in the second when nobody knows yet.</summary>
        public (uint Beaten, uint Open) Play(RewardMatrix rewards, (int PromptIndex, int Response)[] games, int turns)
        {
            var rivals = games.Max(game => rewards.ResponseCountOf(game.PromptIndex)) - 1;
            Lay(rewards, games, rivals);
            gains.Span.Clear();
            losses.Span.Clear();
            played.Span.Clear();
            uint open = (1u << games.Length) - 1, beaten = 0;
            for (var turn = 1; turn <= turns && open != 0; turn++)
            {
                Weigh(gains.Span, support.Span);
                Weigh(losses.Span[..rivals], mixture.Span);
                Meet(rivals);
                if (turn % TurnsBetweenLooks != 0)
                    continue;
                for (var left = PromisingGames(rivals) & open; left != 0; left &= left - 1)
                {
                    var game = BitOperations.TrailingZeroCount(left);
                    if (!IsCertified(rewards, games[game], game))
                        continue;
                    open &= ~(1u << game);
                    beaten |= 1u << game;
                }
                open &= ~LostGames(rivals);
            }
            return (beaten, open);
        }

        private void Lay(RewardMatrix rewards, (int PromptIndex, int Response)[] games, int rivals)
        {
            // A rival that a game lacks is worse than any.
            lead.Span[..(rivals * models)].Fill(Vector512.Create(-2f));
            var lanes = MemoryMarshal.Cast<Vector512<float>, float>(lead.Span);
            for (var game = 0; game < games.Length; game++)
            {
                var (promptIndex, response) = games[game];
                var scale = (float)(1 / Math.Max(LargestOf(rewards, promptIndex), 1e-30));
                var own = rewards.Row(rewards.FirstResponseOf(promptIndex) + response);
                for (int rival = 0, other = 0; other < rewards.ResponseCountOf(promptIndex); other++)
                {
                    if (other == response)
                        continue;
                    var row = rewards.Row(rewards.FirstResponseOf(promptIndex) + other);
                    for (var modelIndex = 0; modelIndex < models; modelIndex++)
                        lanes[(((rival * models) + modelIndex) * Games) + game] = (row[modelIndex] - own[modelIndex]) * scale;
                    rival++;
                }
            }
        }

        /// <summary>Shares that grow with what has been gained; (1 + x/32)³² does for the exponential, any growth would.</summary>
        private static void Weigh(ReadOnlySpan<Vector512<float>> gained, Span<Vector512<float>> shares)
        {
            var most = gained[0];
            foreach (var gain in gained)
                most = Vector512.MaxNative(most, gain);
            var sum = Vector512<float>.Zero;
            for (var place = 0; place < gained.Length; place++)
            {
                var share = Vector512.MaxNative(Vector512.FusedMultiplyAdd(gained[place] - most, Vector512.Create(Step / 32), Vector512<float>.One), Vector512<float>.Zero);
                share *= share;
                share *= share;
                share *= share;
                share *= share;
                share *= share;
                shares[place] = share;
                sum += share;
            }
            sum = Vector512<float>.One / sum;
            for (var place = 0; place < gained.Length; place++)
                shares[place] *= sum;
        }

        private void Meet(int rivals)
        {
            Span<Vector512<float>> leads = lead.Span, supported = support.Span, mixed = mixture.Span[..rivals], gained = gains.Span;
            for (var rival = 0; rival < mixed.Length; rival++)
            {
                var won = losses[rival];
                for (var modelIndex = 0; modelIndex < supported.Length; modelIndex++)
                    won = Vector512.FusedMultiplyAdd(leads[(rival * models) + modelIndex], supported[modelIndex], won);
                losses[rival] = won;
                played[rival] += mixed[rival];
            }
            for (var modelIndex = 0; modelIndex < gained.Length; modelIndex++)
            {
                var lost = Vector512<float>.Zero;
                for (var rival = 0; rival < mixed.Length; rival++)
                    lost = Vector512.FusedMultiplyAdd(leads[(rival * models) + modelIndex], mixed[rival], lost);
                gained[modelIndex] -= lost;
            }
        }

        /// <summary>Where the supporters so far, as one user, put the response above every rival: it is a contender.</summary>
        private uint LostGames(int rivals)
        {
            var most = losses[0];
            for (var rival = 1; rival < rivals; rival++)
                most = Vector512.MaxNative(most, losses[rival]);
            return (uint)Vector512.LessThan(most, Vector512<float>.Zero).ExtractMostSignificantBits();
        }

        /// <summary>Where the mixture played so far seems ahead for every reward model.</summary>
        private uint PromisingGames(int rivals)
        {
            var least = Vector512.Create(float.PositiveInfinity);
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
            {
                var ahead = Vector512<float>.Zero;
                for (var rival = 0; rival < rivals; rival++)
                    ahead = Vector512.FusedMultiplyAdd(lead[(rival * models) + modelIndex], played[rival], ahead);
                least = Vector512.MinNative(least, ahead);
            }
            return (uint)Vector512.GreaterThan(least, Vector512<float>.Zero).ExtractMostSignificantBits();
        }

        private bool IsCertified(RewardMatrix rewards, (int PromptIndex, int Response) game, int lane)
        {
            var (promptIndex, response) = game;
            var responses = rewards.ResponseCountOf(promptIndex);
            var total = 0.0;
            for (var rival = 0; rival < responses - 1; rival++)
                total += played[rival][lane];
            var margin = (4 * (models + 2) * Unit * LargestOf(rewards, promptIndex)) + 1e-36;
            for (var modelIndex = 0; modelIndex < models; modelIndex++)
            {
                var ahead = 0.0;
                for (int rival = 0, other = 0; other < responses; other++)
                    if (other != response)
                        ahead += played[rival++][lane] / total * rewards.Row(rewards.FirstResponseOf(promptIndex) + other)[modelIndex];
                if (!(ahead - rewards.Row(rewards.FirstResponseOf(promptIndex) + response)[modelIndex] >= margin))
                    return false;
            }
            return true;
        }

        private static double LargestOf(RewardMatrix rewards, int promptIndex) => Math.Abs((double)TensorPrimitives.MaxMagnitude(rewards.RowsOf(promptIndex)));
    }
}
