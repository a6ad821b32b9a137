using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>A study as its figures need it: the prompts, who wrote the responses, and how people ranked them.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="Name">Of the study.</param>
/// <param name="DatasetId">The data set its prompts are from.</param>
/// <param name="DatasetName">Its name.</param>
/// <param name="Overlap">How many people are to rank each prompt.</param>
/// <param name="PromptIndexes">[prompts]: position in the data set, in the order of the study.</param>
/// <param name="PromptStarts">[prompts + 1]: row of each prompt's first response among the study's responses.</param>
/// <param name="ResponseModels">[responses]: which language model wrote it.</param>
/// <param name="Subsets">[prompts]: its subset, or null.</param>
/// <param name="Rankings">By people, not simulated annotators; annotator indexes ascend by arrival.</param>
/// <param name="Cohorts">Populations of the data set to start from.</param>
public sealed record StudyJudgements(
    int StudyId,
    string Name,
    int DatasetId,
    string DatasetName,
    int Overlap,
    int[] PromptIndexes,
    int[] PromptStarts,
    string[] ResponseModels,
    string?[] Subsets,
    IReadOnlyList<AnnotatorRanking> Rankings,
    IReadOnlyList<CohortChoice> Cohorts)
{
    /// <summary>What people were asked; simulated users always rank every response.</summary>
    public Instrument Instrument { get; init; }

    /// <summary>How many responses of each prompt people saw; null for all.</summary>
    public int? ResponsesPerPrompt { get; init; }

    /// <summary>[annotators]: number in the study.</summary>
    public IReadOnlyList<int> AnnotatorNumbers { get; init; } = [];

    /// <summary>The users that were written down when the design was locked; null for none.</summary>
    public FrozenUsers? Frozen { get; init; }

    public int PromptCount => PromptIndexes.Length;

    public int AnnotatorCount => Rankings.Select(ranking => ranking.AnnotatorIndex).Distinct().Count();

    /// <summary>The users of a population: those that were frozen where it is theirs, else drawn.</summary>
    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public SimulatedUsers UsersOf(PopulationSpec spec, CancellationToken cancellation = default) =>
        Frozen is not null && Frozen.Choice.Spec.DrawsTheSameAs(spec) ? Frozen.Users : PopulationSampler.Sample(spec, cancellation);

    /// <summary>[prompts]: whether two people or more gave it a first choice. A single vote is always unanimous and says nothing about diversity.</summary>
    public bool[] IsShared()
    {
        var counts = new int[PromptCount];
        foreach (var ranking in Rankings)
            counts[ranking.PromptIndex] += ranking.Ranking.RankedCount > 0 ? 1 : 0;
        return Array.ConvertAll(counts, count => count >= 2);
    }
}

/// <summary>A stored population.</summary>
/// <param name="Id">Of its row; <see cref="Frozen"/> for the one that was frozen with the study.</param>
public sealed record CohortChoice(int Id, string Name, PopulationSpec Spec)
{
    public const int Frozen = 0;
}

/// <summary>The simulated users that a study was designed to be compared with.</summary>
/// <param name="Choice">What they were drawn from.</param>
/// <param name="Hash">Of the specification.</param>
/// <param name="FrozenAt">When the design was first locked.</param>
/// <param name="Users">As they were written down.</param>
public sealed record FrozenUsers(CohortChoice Choice, string Hash, DateTimeOffset FrozenAt, SimulatedUsers Users);
