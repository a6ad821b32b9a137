using System.Text;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Evaluation;
using PersonalLlm.Engine.Population;

namespace PersonalLlm.Engine.Tests.Evaluation;

public sealed class RepresentativenessTests
{
    // Likes tea: 1, 2, 3. Walks: yes 1, sometimes 1.5, no 2.
    private const string Questions = "question_id,option,ordinal\ntea,never,1\ntea,often,2\ntea,always,3\nwalks,yes,1\nwalks,sometimes,1.5\nwalks,no,2\n";
    private const string Choices = "question_id,right,left\ntea,1,0\nwalks,0.25,0.9\n";
    private const string Humans = "group,question_id,option,weight\noverall,tea,never,1\noverall,tea,always,1\noverall,walks,no,4\nold,tea,always,0.5\n";

    [Fact]
    public void Distance_IsTheWorkThatMovesOneHistogramToTheOther()
    {
        // All of 1 to half 1 and half 3: half of the weight moves by 2 → 1; range 2, options − 1 = 2.
        Assert.Equal(0.5, Representativeness.Distance([1, 2, 3], [7, 0, 0], [1, 0, 1], OrdinalNormalizer.Range), 1e-12);
        Assert.Equal(0.5, Representativeness.Distance([1, 2, 3], [7, 0, 0], [1, 0, 1], OrdinalNormalizer.Paper), 1e-12);
        // 1, 2 and 1.5 in the middle: range 1, options − 1 = 2. One half moves by .5 → .25.
        Assert.Equal(0.25, Representativeness.Distance([1, 2, 1.5], [1, 0, 1], [1, 1, 0], OrdinalNormalizer.Range), 1e-12);
        Assert.Equal(0.125, Representativeness.Distance([1, 2, 1.5], [1, 0, 1], [1, 1, 0], OrdinalNormalizer.Paper), 1e-12);
        Assert.Equal(0, Representativeness.Distance([1, 2, 3], [1, 2, 3], [2, 4, 6], OrdinalNormalizer.Range), 1e-12);
        Assert.Equal(1, Representativeness.Distance([3, 1], [1, 0], [0, 1], OrdinalNormalizer.Range), 1e-12);
    }

    [Fact]
    public async Task UsersVoteForTheNearestOption_TheFirstOfEquallyNearOnes()
    {
        var tables = await TablesAsync();
        Assert.Equal(["left", "right"], tables.RewardModels);
        Assert.Equal([0, 1, 0.9, 0.25], tables.Choices);
        // Users: left alone, right alone, half and half, and ¾ left. Scores: tea 0, 1, .5, .25; walks .9, .25, .575, .7375; .25 lies between two options.
        var votes = Representativeness.Votes(tables, Users([1, 0, 0, 1, 0.5, 0.5, 0.75, 0.25]));
        Assert.Equal([2, 1, 1], votes[0]);
        Assert.Equal([1, 2, 1], votes[1]);
    }

    [Fact]
    public async Task R_IsOneMinusTheMeanDistance_OverTheQuestionsOfTheGroup()
    {
        var tables = await TablesAsync();
        double[][] votes = [[2, 0, 0], [0, 0, 2]];
        var range = Representativeness.ByGroup(tables, votes, OrdinalNormalizer.Range, seed: 1);
        Assert.Equal(["overall", "old"], range.Select(group => group.Name));
        // Everybody: tea ½ (by hand above), walks 0. Old: tea only, all of the weight over the whole range.
        Assert.Equal(0.75, range[0].Estimate.Value!.Value, 1e-12);
        Assert.Equal((0.0, 1), (range[1].Estimate.Value!.Value, range[1].Estimate.N));
        double[][] others = [[2, 0, 0], [2, 0, 0]];
        Assert.Equal(0.25, Representativeness.ByGroup(tables, others, OrdinalNormalizer.Range, seed: 1)[0].Estimate.Value!.Value, 1e-12);
        Assert.Equal(0.5, Representativeness.ByGroup(tables, others, OrdinalNormalizer.Paper, seed: 1)[0].Estimate.Value!.Value, 1e-12);
    }

    [Fact]
    public async Task OtherRewardModels_AreRefused()
    {
        var tables = await TablesAsync();
        Assert.Throws<ArgumentException>(() => Representativeness.Votes(tables, PopulationSampler.Sample(new PopulationSpec(["one", "two"], 1, 3, 1))));
    }

    [Theory]
    [InlineData("", Choices, Humans, "questions: ")]
    [InlineData("question_id,option,ordinal\n", Choices, Humans, "questions: there are no rows.")]
    [InlineData("question_id,option\ntea,never\n", Choices, Humans, "questions: there is no column ordinal; the header has question_id, option.")]
    [InlineData("question_id,option,ordinal\ntea,never,x\n", Choices, Humans, "questions: line 2: ordinal is \"x\"; expected a number.")]
    [InlineData("question_id,option,ordinal\ntea,never,1\n", Choices, Humans, "questions: line 2: question tea needs at least two options with different ordinals; leave it out")]
    [InlineData("question_id,option,ordinal\ntea,never,1\ntea,never,2\n", Choices, Humans, "questions: line 3: question tea has the option \"never\" already; name each option once.")]
    [InlineData("question_id,option,ordinal\ntea,\"never,1\ntea,often,2\n", Choices, Humans, "questions: ")]
    [InlineData(Questions, "question_id,m\ntea,1\n", Humans, "choices: there are no choices for question walks; add a row")]
    [InlineData(Questions, "question_id,m\ntea,1.5\nwalks,0\n", Humans, "choices: line 2: m is 1.5; expected a choice from 0 to 1.")]
    [InlineData(Questions, "question_id,m\ntea,1\ntea,0\nwalks,0\n", Humans, "choices: line 3: question tea has a row already; keep one of the two.")]
    [InlineData(Questions, Choices, "group,question_id,option,weight\ng,tea,never,1\ng,tea,never,2\n", "humans: line 3: group, question and option stand in an earlier line too; keep one of them.")]
    [InlineData(Questions, "question_id\ntea\nwalks\n", Humans, "choices: there is no column of a reward model; add one")]
    [InlineData(Questions, Choices, "group,question_id,option,weight\ng,coffee,never,1\n", "humans: line 2: there is no question coffee in the table of questions; add it there")]
    [InlineData(Questions, Choices, "group,question_id,option,weight\ng,tea,daily,1\n", "humans: line 2: question tea has no option \"daily\"; it has \"never\", \"often\", \"always\".")]
    [InlineData(Questions, Choices, "group,question_id,option,weight\ng,tea,never,0\n", "humans: group g gives question tea no weight at all; leave its rows out")]
    [InlineData(Questions, Choices, "group,question_id,option,weight\ng,tea,never,-1\n", "humans: line 2: weight is -1; expected a number from 0.")]
    public async Task AWrongTable_IsNamedWithItsReason(string questions, string choices, string humans, string expected)
    {
        var (tables, problem) = await OpinionTables.ReadAsync(Stream(questions), Stream(choices), Stream(humans));
        Assert.Null(tables);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AColumnOfTexts_GivesQuestionsTheirWords()
    {
        var (tables, _) = await OpinionTables.ReadAsync(Stream("question_id,option,ordinal,text\ntea,a,1,\"Tea, now?\"\ntea,b,2,\n"), Stream("question_id,m\ntea,1\n"), Stream("group,question_id,option,weight\ng,tea,a,1\n"));
        Assert.Equal("Tea, now?", tables!.Questions[0].Text);
        Assert.Equal("", (await TablesAsync()).Questions[0].Text);
    }

    private static async Task<OpinionTables> TablesAsync()
    {
        var (tables, problem) = await OpinionTables.ReadAsync(Stream("\uFEFF" + Questions), Stream(Choices), Stream(Humans));
        Assert.Null(problem);
        return tables!;
    }

    private static SimulatedUsers Users(double[] weights) => new(new PopulationSpec(["left", "right"], 1, weights.Length / 2, 1), 0, weights);

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
