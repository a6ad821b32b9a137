using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Rewards;
using PersonalLlm.Engine.Statistics;
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
            Assert.True(spec.DrawsTheSameAs(stored.Spec));
            // Which numbers of the reward models are meant is part of what is kept.
            Assert.All(stored.Spec.Pins!, pin => Assert.Equal(new RewardPin(null, new RewardConstants(3, 1.2)), pin));
            Assert.Equal(2, stored.Spec.Pins!.Count);
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
        Assert.Contains("no rewards under", (await Builder.CreateAsync("Strange", made.DatasetId, spec)).Problem);
        spec = spec with { RewardModels = (await Builder.ReadAsync(made.DatasetId))!.Rewards.RewardModels };
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
        var favourites = OneUser.Of(numbers, 7, null).Favourites;
        Assert.Equal(
            numbers.Group.Diversity.WinShares.Where(share => share.Estimate.Value > 0).ToDictionary(share => share.Name, share => share.Estimate.Value!.Value),
            favourites.ToDictionary(favourite => favourite.ResponseModel, favourite => favourite.Share));
    }

    [Fact]
    public async Task Rename_AndRemove_SayWhyNot_AndADraftHoldsItsPopulation()
    {
        var made = await SceneAsync();
        var models = (await Builder.ReadAsync(made.DatasetId))!.Rewards.RewardModels;
        var (first, _) = await Builder.CreateAsync("First", made.DatasetId, new PopulationSpec(models, 1, 10, 0));
        await Builder.CreateAsync("Second", made.DatasetId, new PopulationSpec(models, 1, 10, 1));
        Assert.Contains("already has a population", await Builder.RenameAsync(first!.Value, "Second"));
        Assert.Contains("name", await Builder.RenameAsync(first.Value, "  "));
        Assert.Null(await Builder.RenameAsync(first.Value, " Renamed "));
        await using (var context = application.CreateContext())
        {
            Assert.Equal("Renamed", (await context.Cohorts.FindAsync(first))!.Name);
            context.Studies.Add(new() { Code = Guid.NewGuid().ToString("n"), Name = "Waiting", DatasetId = made.DatasetId, CohortId = first });
            await context.SaveChangesAsync();
        }
        Assert.Contains("The draft study \"Waiting\"", await Builder.RemoveAsync(first.Value));
        await using (var context = application.CreateContext())
        {
            (await context.Studies.SingleAsync(study => study.CohortId == first)).CohortId = null;
            await context.SaveChangesAsync();
        }
        Assert.Null(await Builder.RemoveAsync(first.Value));
        Assert.Equal("The population was removed meanwhile.", await Builder.RemoveAsync(first.Value));
        Assert.Equal("The population was removed meanwhile.", await Builder.RenameAsync(first.Value, "Anything"));
    }

    [Fact]
    public async Task OneUser_StandsApartWhereFewAreWithHer_AndHasAStory()
    {
        var source = (await Builder.ReadAsync((await SceneAsync()).DatasetId))!;
        var numbers = PopulationNumbers.Of(source, new PopulationSpec(source.Rewards.RewardModels, 0.1, 60, 2));
        var user = OneUser.Of(numbers, 5, await Builder.AttributesAsync(source.DatasetId));
        Assert.Equal(numbers.Users.WeightsOf(5).ToArray().Max(), user.Weights[0].Weight);
        Assert.All(user.Apart, prompt => Assert.True(prompt.OwnShare < prompt.MajorityShare));
        Assert.True(user.Apart.Zip(user.Apart.Skip(1)).All(pair => pair.First.OwnShare - pair.First.MajorityShare <= pair.Second.OwnShare - pair.Second.MajorityShare));
        Assert.Equal(numbers.Map.Users.Count, numbers.Users.Count);
        // Texts that differ in a digit alone have nothing countable.
        Assert.Contains("cannot be told", OneUser.Story(user.Coefficients));
        Assert.Equal(
            "Other attributes alike, she prefers fewer list lines (−0.80 [−1.20, −0.40]) and longer responses (+0.62 [0.41, 0.83]).",
            OneUser.Story([Estimate.Of(0.62, 0.41, 0.83, 9), Estimate.Of(2, -1, 5, 9), Estimate.Undefined("x"), Estimate.Of(0, -1, 1, 9), Estimate.Of(0, -1, 1, 9), Estimate.Of(-0.8, -1.2, -0.4, 9)]));
        Assert.Equal("Nothing countable tells beyond doubt what she prefers.", OneUser.Story([Estimate.Of(2, -1, 5, 9)]));
    }

    [Fact]
    public async Task Pins_ThatAreNoLongerThoseOfTheDataSet_AreTold()
    {
        var made = await SceneAsync();
        var source = (await Builder.ReadAsync(made.DatasetId))!;
        var kept = new PopulationSpec(source.Rewards.RewardModels, 1, 10, 0).Pinned(source.Pins)!;
        Assert.Empty(PinsCard.Differences(source, kept.RewardModels, kept.Pins));
        await using (var context = application.CreateContext())
            await context.DatasetRewards.Where(reward => reward.DatasetId == made.DatasetId && reward.RewardModel!.Name == kept.RewardModels[1])
                .ExecuteUpdateAsync(row => row.SetProperty(reward => reward.Mean, 2.5));
        var now = (await Builder.ReadAsync(made.DatasetId))!;
        var difference = Assert.Single(PinsCard.Differences(now, kept.RewardModels, kept.Pins));
        Assert.Contains($"{kept.RewardModels[1]} are standardised by mean 2.5", difference);
        Assert.Empty(PinsCard.Differences(now, kept.RewardModels, null));
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
