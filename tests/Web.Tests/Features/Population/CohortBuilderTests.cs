using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Testing;
using PersonalLlm.Web.Components.Shared;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Tests.Features.Population;

public sealed class CohortBuilderTests(PersonalLlmApplication application) : IClassFixture<PersonalLlmApplication>
{
    private CohortBuilder Builder => application.Services.GetRequiredService<CohortBuilder>();

    [Fact]
    public async Task Create_KeepsTheSpecificationAndRefusesTheNameTwice()
    {
        var made = await SceneAsync();
        var source = (await Builder.ReadAsync(made.DatasetId))!;
        var spec = new PopulationSpec([.. source.Rewards.RewardModels.Take(2)], 0.7, 30, 5, WeightGenerator.NumpyLegacy, 3);
        var (id, problem) = await Builder.CreateAsync("  Two tastes ", made.DatasetId, spec);
        Assert.Null(problem);
        await using (var context = application.CreateContext())
        {
            var stored = (await context.Cohorts.FindAsync(id))!;
            Assert.Equal("Two tastes", stored.Name);
            Assert.Equal(spec.Hash(), stored.Spec.Hash());
        }
        Assert.Contains("already has a population", (await Builder.CreateAsync("Two tastes", made.DatasetId, spec)).Problem);
        Assert.Contains("name", (await Builder.CreateAsync(" ", made.DatasetId, spec)).Problem);
        Assert.Contains("concentration", (await Builder.CreateAsync("Other", made.DatasetId, spec with { Concentration = 0 })).Problem);
    }

    [Fact]
    public async Task Create_SaysSo_WhenTheDataSetIsGone_AndWhenTwoAskForOneNameAtOnce()
    {
        var spec = new PopulationSpec(["kind"], 1, 10, 0);
        Assert.Equal("The data set was removed meanwhile; choose another one.", (await Builder.CreateAsync("Late", int.MaxValue, spec)).Problem);

        var made = await SceneAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Builder.CreateAsync("Racing", made.DatasetId, spec)));
        Assert.Single(outcomes, outcome => outcome.Id is not null);
        Assert.All(outcomes.Where(outcome => outcome.Id is null), outcome => Assert.Contains("already has a population", outcome.Problem));
    }

    [Fact]
    public async Task Numbers_OfAPopulationOnSomeRewardModels_UseThoseColumns()
    {
        var source = (await Builder.ReadAsync((await SceneAsync()).DatasetId))!;
        var spec = new PopulationSpec([source.Rewards.RewardModels[3]], 1, 20, 0);
        var numbers = PopulationNumbers.Of(source, spec);
        // One reward model makes everybody the same.
        Assert.Equal(1, numbers.Group.EffectiveRewardModels!.Value!.Value, 12);
        Assert.Equal(0, numbers.Group.Diversity.MeanEntropy.Value!.Value, 12);
        Assert.Equal(1, numbers.Group.Agreement.Value!.Value, 12);
        var favourites = PopulationNumbers.FavouritesOf(source, numbers.Users, 7);
        Assert.Equal(
            numbers.Group.Diversity.WinShares.Where(share => share.Estimate.Value > 0).ToDictionary(share => share.Name, share => share.Estimate.Value!.Value),
            favourites.ToDictionary(favourite => favourite.ResponseModel, favourite => favourite.Share));
    }

    [Fact]
    public async Task Numbers_OfPeopleAreOverPromptsThatTwoRanked_AndTiedFirstChoicesMeetByChance()
    {
        var source = (await Builder.ReadAsync((await SceneAsync()).DatasetId))!;
        AnnotatorRanking[] rankings =
        [
            new(0, 3, Ranking.Parse("A=B,C", 5)), new(1, 3, Ranking.Parse("A,B", 5)), new(0, 4, Ranking.Parse("C", 5)),
        ];
        var numbers = GroupNumbers.OfRankings(FigureGroup.Humans, source, rankings);
        Assert.Equal(2, numbers.Voters);
        Assert.Equal(1, numbers.Diversity.MeanEntropy.N);
        Assert.Equal(0.5, numbers.Overlap.Value!.Value, 12);
        // A has 1.5 of the two votes.
        Assert.Equal(0, numbers.Curve[74].Value);
        Assert.Equal(1, numbers.Curve[75].Value);
        // percentileofscore counts a prompt at exactly q as half a prompt, and then adds half a prompt.
        Assert.Equal(1, numbers.PublishedCurve[75].Value);
        Assert.Null(numbers.EffectiveRewardModels);
        Assert.False(GroupNumbers.OfRankings(FigureGroup.Humans, source, []).Overlap.IsDefined);
    }

    private async Task<JudgedStudy> SceneAsync()
    {
        await using var context = application.CreateContext();
        return await JudgedStudy.CreateAsync(context);
    }
}
