using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Web.Features.Dashboards;

/// <summary>How well simulated users represent the people of a study, together and by what they said about themselves.</summary>
/// <param name="Spec">The population.</param>
/// <param name="EffectiveRewardModels">Mean over users of exp(H(w)).</param>
/// <param name="Counting">Judgements that rank every response of their prompt.</param>
/// <param name="LeftOut">Judgements that do not.</param>
/// <param name="Everybody">All annotators.</param>
/// <param name="Questions">In the order of the survey.</param>
internal sealed record RepresentativenessNumbers(
    PopulationSpec Spec, Estimate EffectiveRewardModels, int Counting, int LeftOut, GroupRepresentativeness Everybody, IReadOnlyList<QuestionRepresentativeness> Questions)
{
    public const string EverybodyName = "Everybody who judged";

    /// <returns>The numbers, or one sentence saying why this population cannot be drawn.</returns>
    public static (RepresentativenessNumbers? Numbers, string? Problem) TryMake(
        StudyJudgements study, RewardMatrix rewards, IReadOnlyList<DemographicQuestion> questions, PopulationSpec spec, CancellationToken cancellation = default)
    {
        try
        {
            var own = DashboardNumbers.RewardsUnder(rewards, spec);
            var users = study.UsersOf(spec, cancellation);
            var counting = RankRepresentativeness.Counting(own, study.Rankings, study.Instrument);
            var (everybody, groups) = new RankRepresentativeness(own, users, counting, cancellation).Of(
                EverybodyName, [.. questions.SelectMany(question => question.Groups)], DashboardNumbers.BootstrapSeed, DashboardNumbers.Resamples, cancellationToken: cancellation);
            var from = 0;
            return (
                new RepresentativenessNumbers(
                    spec, Diversity.EffectiveRewardModels(users, DashboardNumbers.BootstrapSeed, DashboardNumbers.Resamples, cancellation), counting.Count, study.Rankings.Count - counting.Count, everybody,
                    [.. questions.Select(question => new QuestionRepresentativeness(
                        question.Key, question.Text, [.. groups.Skip((from += question.Groups.Count) - question.Groups.Count).Take(question.Groups.Count)], question.PreferNotToSay, question.NoAnswer))]),
                null);
        }
        catch (ArgumentException impossible)
        {
            return (null, impossible.Message);
        }
    }
}

/// <summary>The groups of one question; see <see cref="DemographicQuestion"/>.</summary>
internal sealed record QuestionRepresentativeness(string Key, string Text, IReadOnlyList<GroupRepresentativeness> Groups, int PreferNotToSay, int NoAnswer);
