using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Judgements;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class AssignmentLeaserTests
{
    private static readonly TimeSpan s_longerThanALease = TimeSpan.FromMinutes(31);

    [Fact]
    public async Task ManyAnnotatorsAtOnce_FillEveryPlace_AndNeverExceedTheOverlap()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 12, overlap: 5, people: 24);
        await Task.WhenAll(scene.People.Select(async person =>
        {
            while (await scene.Leaser.NextAsync(StudyScene.Code, new(person)) is LeaseOutcome.Leased leased)
                Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, leased.AssignmentId));
        }));

        await scene.AssertPlacesAddUpAsync();
        await using var data = scene.Data();
        Assert.Equal(12 * 5, await data.Judgements.CountAsync());
        Assert.All(await data.StudyPrompts.ToListAsync(), item => Assert.Equal(5, item.Taken));
        Assert.Equal(24, (await data.Annotators.Select(row => row.Number).ToListAsync()).Distinct().Count());
    }

    /// <summary>
    /// Sixteen people at once, each with two tabs, on the real database: they submit, pass over, walk away and come back late, while time
    /// passes between the rounds. After each round every place must be accounted for and nobody be in beyond the quota.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task WhateverPeopleDo_OverlapAndQuotaHold_AndEveryPlaceReturns(int seed)
    {
        const int quota = 12;
        await using var scene = await StudyScene.CreateAsync(prompts: 20, overlap: 3, people: 16, design: study =>
        {
            study.Assignment = new() { PromptsPerAnnotator = 8, Repeats = 2, RepeatLag = 4 };
            study.AttentionChecks = [new("Put “here” first.", ["no", "here", "no", "no"], ExpectedIndex: 1)];
            study.Quota = quota;
        });
        var (random, inHand) = (new Random(seed), new ConcurrentDictionary<Guid, Guid>());
        for (var round = 0; round < 8; round++)
        {
            var walks = scene.People.SelectMany(person => new[] { (person, random.Next()), (person, random.Next()) }).ToArray();
            await Task.WhenAll(walks.Select(walk => WalkAsync(walk.person, new Random(walk.Item2))));
            await AssertAllAddsUpAsync();
            scene.Clock.Advance(random.Next(2) == 0 ? s_longerThanALease : TimeSpan.FromMinutes(5));
        }

        // Everybody left, and then a few come back and do all there is to do for them.
        scene.Clock.Advance(s_longerThanALease);
        await Task.WhenAll(scene.People.Take(quota / 2).Select(async person =>
        {
            while (await scene.Leaser.NextAsync(StudyScene.Code, new(person)) is LeaseOutcome.Leased leased)
                Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, leased.AssignmentId));
        }));
        await AssertAllAddsUpAsync();
        await using var data = scene.Data();
        Assert.False(await data.Assignments.AnyAsync(row => row.State == AssignmentState.Leased));
        Assert.Equal(await data.Assignments.CountAsync(row => row.State == AssignmentState.Submitted), await data.Judgements.CountAsync());
        Assert.True(await data.Assignments.AnyAsync(row => row.RepeatOfId != null && row.State == AssignmentState.Submitted));

        async Task WalkAsync(Guid person, Random chance)
        {
            // Back from a break: what they had in hand may be gone by now, or still be taken.
            if (inHand.TryRemove(person, out var late) && chance.Next(2) == 0)
                await scene.SubmitAsync(person, late);
            for (var step = 0; step < 4; step++)
            {
                if (await scene.Leaser.NextAsync(StudyScene.Code, new(person)) is not LeaseOutcome.Leased { AssignmentId: var item })
                    return;
                switch (chance.Next(10))
                {
                    case 0:
                        inHand[person] = item;
                        return;
                    case 1:
                        await scene.Leaser.SkipAsync(new(person), item, "not for me");
                        break;
                    case 2:
                        await scene.Leaser.RenewAsync(new(person), item);
                        break;
                    default:
                        // The other tab may have submitted or skipped it a moment before.
                        await scene.SubmitAsync(person, item);
                        break;
                }
            }
        }

        async Task AssertAllAddsUpAsync()
        {
            await scene.AssertPlacesAddUpAsync();
            await using var data = scene.Data();
            Assert.InRange(await data.TakingPart(scene.StudyId, scene.Clock.GetUtcNow(), TimeSpan.FromMinutes(30)).CountAsync(), 0, quota);
            var rows = await data.Assignments.AsNoTracking().Include(row => row.RepeatOf).ToListAsync();
            foreach (var session in rows.GroupBy(row => row.AnnotatorId))
            {
                Assert.Equal(session.Count(row => row.TakesPlace), session.Where(row => row.TakesPlace).Select(row => row.PromptId).Distinct().Count());
                Assert.InRange(session.Count(row => row.State == AssignmentState.Leased), 0, 1);
                Assert.InRange(session.Count(row => row.RepeatOfId != null), 0, 2);
                Assert.InRange(session.Count(row => row.CheckIndex != null), 0, 1);
                Assert.All(session.Where(row => row.RepeatOf is not null), row => Assert.True(row.Slot - row.RepeatOf!.Slot >= 4));
            }
        }
    }

    [Fact]
    public async Task PeopleWhoLeaveHalfWay_CostTheStudyNothing()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 6, overlap: 4, people: 24);
        var leaving = scene.People.Take(20).ToArray();
        await Task.WhenAll(leaving.Select(person => scene.Leaser.NextAsync(StudyScene.Code, new(person))));
        await scene.AssertPlacesAddUpAsync();

        scene.Clock.Advance(s_longerThanALease);
        await Task.WhenAll(scene.People.Skip(20).Select(async person =>
        {
            while (await scene.Leaser.NextAsync(StudyScene.Code, new(person)) is LeaseOutcome.Leased leased)
                Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(person, leased.AssignmentId));
        }));

        await scene.AssertPlacesAddUpAsync();
        await using var data = scene.Data();
        Assert.Equal(6 * 4, await data.Judgements.CountAsync());
    }

    [Fact]
    public async Task Returning_GivesTheSamePromptInTheSameOrder()
    {
        await using var scene = await StudyScene.CreateAsync();
        var first = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(first, await scene.LeaseAsync(scene.People[0]));
    }

    [Fact]
    public async Task ManyTabsOfOnePerson_ShareOneLease()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 8);
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => scene.LeaseAsync(scene.People[0])));
        Assert.Single(leases.Distinct());
        await using var data = scene.Data();
        Assert.Equal(1, await data.Assignments.CountAsync());
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task LeastAnnotatedPrompts_ComeFirst()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 6, overlap: 3, people: 6);
        foreach (var person in scene.People)
            await scene.LeaseAsync(person);
        await using var data = scene.Data();
        Assert.All(await data.StudyPrompts.ToListAsync(), item => Assert.Equal(1, item.Taken));
    }

    [Fact]
    public async Task ExpiredLease_IsTakenBackOnTheSameRow_WhileAPlaceIsLeft()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, overlap: 2);
        var first = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(s_longerThanALease);
        await scene.LeaseAsync(scene.People[1]);
        await using (var data = scene.Data())
            Assert.Equal(AssignmentState.Expired, (await data.Assignments.SingleAsync(row => row.Id == first)).State);

        Assert.Equal(first, await scene.LeaseAsync(scene.People[0]));
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task ExpiredLease_WhosePlaceIsGone_IsSaidSo_AndItsDraftIsKept()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 2, overlap: 1, people: 2);
        var lost = await scene.LeaseAsync(scene.People[0]);
        await scene.DraftAsync(scene.People[0], lost, "B,A", sequence: 1);
        scene.Clock.Advance(s_longerThanALease);
        // The other person takes both prompts, the returned one included.
        Assert.IsType<SubmitOutcome.Recorded>(await scene.SubmitAsync(scene.People[1], await scene.LeaseAsync(scene.People[1])));
        await scene.LeaseAsync(scene.People[1]);

        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
        Assert.IsType<DraftOutcome.LeaseExpired>(await scene.DraftAsync(scene.People[0], lost, "B,A,C", sequence: 2));
        await using var data = scene.Data();
        Assert.Equal(3, (await data.JudgementDrafts.SingleAsync(draft => draft.AssignmentId == lost)).Answer.Ranking.RankedCount);
        await scene.AssertPlacesAddUpAsync();
    }

    [Fact]
    public async Task SavingADraft_RenewsTheLease()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 1, overlap: 1);
        var assignment = await scene.LeaseAsync(scene.People[0]);
        scene.Clock.Advance(TimeSpan.FromMinutes(29));
        await scene.DraftAsync(scene.People[0], assignment, "A", sequence: 1);
        scene.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.IsType<LeaseOutcome.StudyFull>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[1])));
    }

    [Fact]
    public async Task SomebodyWhoRankedEverything_HasNothingLeft()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 2);
        for (var prompt = 0; prompt < 2; prompt++)
            await scene.SubmitAsync(scene.People[0], await scene.LeaseAsync(scene.People[0]));
        Assert.IsType<LeaseOutcome.NothingLeft>(await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
    }

    [Theory]
    [InlineData(StudyStatus.Draft)]
    [InlineData(StudyStatus.Paused)]
    [InlineData(StudyStatus.Closed)]
    public async Task StudyThatIsNotOpen_LeasesNothing(StudyStatus status)
    {
        await using var scene = await StudyScene.CreateAsync();
        await scene.SetStatusAsync(status);
        Assert.Equal(new LeaseOutcome.StudyNotOpen(status), await scene.Leaser.NextAsync(StudyScene.Code, new(scene.People[0])));
    }

    [Fact]
    public async Task UnknownCode_IsNoStudy()
    {
        await using var scene = await StudyScene.CreateAsync();
        Assert.IsType<LeaseOutcome.NoSuchStudy>(await scene.Leaser.NextAsync("elsewhere", new(scene.People[0])));
    }
}
