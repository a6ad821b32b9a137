using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
using PersonalLlm.Web.Components.Shared;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>
/// What simulated participants like: the utilities of simulated users over the rewards of the data set, or numbers of chance where it
/// has none. They see only the pages that people see, so a response is known again by its text.
/// </summary>
internal sealed partial class SimulatedTastes
{
    /// <summary>Dirichlet α of the weights: people of different tastes.</summary>
    public const double Concentration = 0.1;

    private const int Check = -1;
    private readonly Dictionary<string, List<(int Prompt, int Response)>> places = [];
    private readonly ConcurrentDictionary<string, bool> unknown = new();
    private readonly List<int> expected = [];
    private readonly uint seed;
    private RewardMatrix? rewards;
    private SimulatedUsers? users;

    private SimulatedTastes(uint seed) => this.seed = seed;

    /// <summary>How many texts were on pages that the study does not have, as far as could be told (covered names, for one).</summary>
    public int UnknownTexts => unknown.Count;

    public bool HasRewards => users is not null;

    public static async Task<SimulatedTastes> ReadAsync(
        IDbContextFactory<PersonalLlmDbContext> contexts, RewardMatrixLoader loader, int studyId, int participants, uint seed, CancellationToken cancellation)
    {
        var tastes = new SimulatedTastes(seed);
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = await data.Studies.AsNoTracking().SingleAsync(row => row.Id == studyId, cancellation);
        var responses = await data.StudyPrompts.Where(item => item.StudyId == studyId)
            .SelectMany(item => item.Prompt!.Responses, (item, response) => new { item.Index, PromptIndex = item.Prompt!.Index, ResponseIndex = response.Index, response.Text })
            .ToListAsync(cancellation);
        foreach (var response in responses)
            tastes.Place(SafeMarkdown.ToHtml(response.Text).Value, (response.Index, response.ResponseIndex));
        foreach (var check in study.AttentionChecks)
        {
            for (var index = 0; index < check.Responses.Count; index++)
                tastes.Place(SafeMarkdown.ToHtml(check.Responses[index]).Value, (Check - tastes.expected.Count, index));
            tastes.expected.Add(check.ExpectedIndex);
        }
        var names = await loader.RewardModelsAsync(study.DatasetId, cancellation);
        if (names.Count == 0)
            return tastes;
        int[] promptIndexes = [.. responses.GroupBy(response => response.Index).OrderBy(group => group.Key).Select(group => group.First().PromptIndex)];
        tastes.rewards = (await loader.LoadAsync(study.DatasetId, names, cancellation)).Select(promptIndexes, names);
        tastes.users = PopulationSampler.Sample(new(names, Concentration, participants, seed), cancellation);
        return tastes;
    }

    /// <summary>What the responses on a page are worth to a participant: larger is better.</summary>
    /// <param name="participant">0-based.</param>
    /// <param name="cards">HTML of the responses as they stand on the page.</param>
    /// <param name="random">For judgements that differ from time to time, and where nothing is known.</param>
    public double[] Utilities(int participant, IReadOnlyList<string> cards, Random random)
    {
        var found = cards.Select(card => places.GetValueOrDefault(TextOf(card))).ToArray();
        var common = found.Where(candidates => candidates is not null).SelectMany(candidates => candidates!.Select(place => place.Prompt).Distinct())
            .GroupBy(prompt => prompt).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).FirstOrDefault()?.Key;
        var utilities = new double[cards.Count];
        for (var position = 0; position < cards.Count; position++)
        {
            var place = found[position]?.Where(candidate => candidate.Prompt == common).Select(candidate => ((int Prompt, int Response)?)candidate).FirstOrDefault();
            if (place is null)
                unknown[cards[position]] = true;
            utilities[position] = place is { } known ? Worth(participant, known.Prompt, known.Response) : random.NextDouble();
            // A little noise: nobody judges the same twice for certain (Gumbel, hence a choice by the logit rule).
            if (common is null or >= 0)
                utilities[position] -= 0.25 * Math.Log(-Math.Log(Math.Max(1e-12, random.NextDouble())));
        }
        return utilities;
    }

    private double Worth(int participant, int prompt, int response)
    {
        if (prompt <= Check)
            return expected[Check - prompt] == response ? 10 : -response;
        // Of chance, but the same whenever this participant meets this response.
        if (users is null || rewards is null)
            return new RandomStream(seed, RandomStreams.SimulatedParticipants, ((ulong)participant << 40) | ((ulong)prompt << 8) | (uint)response).NextNormal();
        Span<float> weights = stackalloc float[users.RewardModelCount];
        for (var index = 0; index < weights.Length; index++)
            weights[index] = (float)users.WeightsOf(participant)[index];
        Span<float> one = stackalloc float[1];
        Utility.Compute(rewards.Row(rewards.FirstResponseOf(prompt) + response), weights, one);
        return one[0];
    }

    private void Place(string html, (int Prompt, int Response) place)
    {
        var text = TextOf(html);
        if (!places.TryGetValue(text, out var known))
            places[text] = known = [];
        known.Add(place);
    }

    /// <summary>The words alone: how they are spaced and typeset is the page's business.</summary>
    private static string TextOf(string html) => Space().Replace(new HtmlParser().ParseDocument(html).Body!.TextContent, "");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
