using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using PersonalLlm.Engine.Population;
using PersonalLlm.Web.Features.Population;

namespace PersonalLlm.Web.Tests.Features.Population;

public sealed class PopulationAddressTests
{
    private static readonly string[] s_models = ["a b", "c,d", "e&f", "g"];
    private static readonly PopulationSpec s_basis = PopulationForm.Default(s_models);

    [Fact]
    public void AnAddress_ShowsThePopulationAgain()
    {
        var changed = PopulationForm.WithMeanWeight(PopulationForm.WithRewardModel(s_basis, "g", false), 1, 0.5) with
        {
            Users = 77, Seed = 4_000_000_000, InverseTemperature = 1.25, Generator = WeightGenerator.NumpyLegacy, SmallestDistance = 0.1,
        };
        foreach (var spec in new[] { changed, s_basis with { Concentration = 3.3 }, s_basis with { InverseTemperature = 0 }, PopulationForm.Around(s_basis) })
        {
            var address = PopulationAddress.Of("populations/new?dataset=3", s_basis, spec, userIndex: 5);
            Assert.StartsWith("populations/new?dataset=3&", address, StringComparison.Ordinal);
            var read = Parse(address).Read(s_basis, s_models, out var problem);
            Assert.Null(problem);
            Assert.Equal(spec.Hash(), read.Hash());
            Assert.Equal(5, Parse(address).ReadUser(out _));
        }
    }

    [Fact]
    public void TheBasePopulation_NeedsNoWords() => Assert.Equal("populations/3", PopulationAddress.Of("populations/3", s_basis, s_basis));

    [Fact]
    public void WhatABasePopulationHas_CanBeTakenAway()
    {
        var basis = s_basis with { SmallestDistance = 0.2, InverseTemperature = 3, Generator = WeightGenerator.NumpyLegacy };
        var spec = s_basis with { Seed = 9 };
        Assert.Equal(spec.Hash(), Parse(PopulationAddress.Of("populations/3", basis, spec)).Read(basis, s_models, out _).Hash());
    }

    [Theory]
    [InlineData("alpha", "much", "alpha must be a number from 0.001 to 1000")]
    [InlineData("alpha", "0", "alpha must be")]
    [InlineData("alpha", "1,2", "Expected 4 concentrations, one per reward model, but got 2.")]
    [InlineData("users", "1", "users must be a whole number from 2 to 10000, but it is \"1\".")]
    [InlineData("users", "1e3", "users must be")]
    [InlineData("seed", "-1", "seed must be a whole number")]
    [InlineData("beta", "-2", "beta must be a number of at least 0")]
    [InlineData("beta", "NaN", "beta must be")]
    [InlineData("generator", "other", "generator must be native or numpy-legacy")]
    [InlineData("distance", "2", "distance must be a number above 0")]
    [InlineData("model", "nobody", "The data set has no reward model \"nobody\".")]
    public void WhatIsWrong_IsOneSentence_AndTheRestStays(string name, string text, string sentence)
    {
        var read = Parse(name == "seed" ? $"x?seed={text}" : $"x?seed=12&{name}={text}").Read(s_basis, s_models, out var problem);
        Assert.StartsWith(sentence, problem, StringComparison.Ordinal);
        Assert.Equal(name == "seed" ? s_basis.Hash() : (s_basis with { Seed = 12 }).Hash(), read.Hash());
        Assert.Null(read.FindProblem());
    }

    [Fact]
    public void MeanWeights_SumToOne_AndTheOthersKeepTheirProportions()
    {
        var spec = PopulationForm.WithMeanWeight(s_basis, 0, 0.4);
        Assert.Equal([0.4, 0.2, 0.2, 0.2], Rounded(spec));
        Assert.Equal(s_basis.Concentration.Average, spec.Concentration.Average, 12);
        spec = PopulationForm.WithMeanWeight(spec, 1, 0.6);
        Assert.Equal([0.2, 0.6, 0.1, 0.1], Rounded(spec));
        // However far somebody pulls, something is left for the others.
        Assert.All(PopulationForm.MeanWeights(PopulationForm.WithMeanWeight(spec, 1, 5)), share => Assert.True(share >= PopulationForm.SmallestShare / 2));
        Assert.True(PopulationForm.Alike(spec).Concentration.IsSymmetric);
        // Without a reward model the rest renormalises; with it again it has what everybody would have.
        spec = PopulationForm.WithRewardModel(spec, "c,d", false);
        Assert.Equal([0.5, 0.25, 0.25], Rounded(spec));
        spec = PopulationForm.WithRewardModel(spec, "c,d", true);
        Assert.Equal(s_models, spec.RewardModels);
        Assert.Equal([0.375, 0.25, 0.1875, 0.1875], Rounded(spec));
        Assert.Null(spec.FindProblem());
    }

    [Fact]
    public void TheLastRewardModelStays()
    {
        var one = s_models.Skip(1).Aggregate(s_basis, (spec, name) => PopulationForm.WithRewardModel(spec, name, false));
        Assert.Equal(["a b"], one.RewardModels);
        Assert.Same(one, PopulationForm.WithRewardModel(one, "a b", false));
    }

    private static double[] Rounded(PopulationSpec spec) => [.. PopulationForm.MeanWeights(spec).Select(share => Math.Round(share, 9))];

    private static PopulationAddress Parse(string address)
    {
        var query = QueryHelpers.ParseQuery(address[(address.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        string? One(string name) => query.TryGetValue(name, out var values) ? string.Create(CultureInfo.InvariantCulture, $"{values[0]}") : null;
        return new PopulationAddress(
            One("alpha"), One("users"), One("seed"), One("beta"), One("generator"), One("distance"), query.TryGetValue("model", out var models) ? [.. models.OfType<string>()] : null, One("user"));
    }
}
