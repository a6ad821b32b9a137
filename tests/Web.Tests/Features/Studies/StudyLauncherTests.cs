using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Studies;

namespace PersonalLlm.Web.Tests.Features.Studies;

public sealed class StudyLauncherTests
{
    [Fact]
    public async Task Prompts_AreAllOrASampleOrASubsetOrThoseWithSomeWords_AndAlwaysRankable()
    {
        await using var scene = await DraftScene.CreateAsync();
        var design = new StudyDesign { DatasetId = scene.DatasetId };

        // One of the ten has a single response, which nobody can rank.
        Assert.Equal(9, (await scene.Drafter.PromptsAsync(design)).Count);
        design.Selection = new(PromptChoice.Subset, Subset: "odd");
        Assert.Equal(4, (await scene.Drafter.PromptsAsync(design)).Count);
        design.Selection = new(PromptChoice.Filter, Words: "NUMBER 7");
        Assert.Single((await scene.Drafter.PromptsAsync(design)).PromptIds);
        design.Selection = new(PromptChoice.Sample, SampleSize: 5, Seed: 3);
        var sample = (await scene.Drafter.PromptsAsync(design)).PromptIds;
        Assert.Equal(5, sample.Distinct().Count());
        Assert.Equal(sample, (await scene.Drafter.PromptsAsync(design)).PromptIds);
    }

    [Fact]
    public async Task ADraft_IsSavedUnfinished_AndHasEveryPromptInItsPlace()
    {
        await using var scene = await DraftScene.CreateAsync();
        var design = new StudyDesign { DatasetId = scene.DatasetId, Name = " Taste ", Overlap = 0 };
        var saved = Assert.IsType<SaveOutcome.Saved>(await scene.Drafter.SaveAsync(null, design, null));
        Assert.Equal("overlap", Assert.Single(saved.Problems).Field);

        design.Overlap = 4;
        design.Selection = new(PromptChoice.Subset, Subset: "odd");
        Assert.Empty(Assert.IsType<SaveOutcome.Saved>(await scene.Drafter.SaveAsync(saved.StudyId, design, null)).Problems);
        var study = await scene.StudyAsync(saved.StudyId);
        Assert.Equal(("Taste", StudyStatus.Draft, 4), (study.Name, study.Status, study.Overlap));
        Assert.Equal(Enumerable.Range(0, 4), study.Prompts.Select(item => item.Index).Order());
    }

    [Fact]
    public async Task TheFirstLock_FreezesTheSimulatedUsers_WhoStayWhenTheirPopulationGoes()
    {
        await using var scene = await DraftScene.CreateAsync();
        var spec = new PopulationSpec(["kind", "short"], Concentration.PerModel([0.25, 1.5]), 40, 7, InverseTemperature: 2)
        {
            Pins = [new("r1", new(0.5, 2)), new(null, new(0, 1))],
        };
        var cohort = new Cohort { Name = "Predicted", DatasetId = scene.DatasetId, Spec = spec };
        await using (var data = scene.Data())
        {
            data.Cohorts.Add(cohort);
            await data.SaveChangesAsync();
        }
        var studyId = await scene.SaveAsync(design => design.CohortId = cohort.Id);
        var without = await scene.SaveAsync();
        Assert.Empty(await scene.Launcher.OpenAsync(studyId));
        Assert.Empty(await scene.Launcher.OpenAsync(without));
        await scene.Launcher.PauseAsync(studyId);
        await using (var data = scene.Data())
            await data.Cohorts.ExecuteDeleteAsync();
        Assert.Empty(await scene.Launcher.AmendAsync(studyId, new(5, null, null, true)));

        await using (var data = scene.Data())
        {
            var frozen = await data.FrozenCohorts.SingleAsync();
            Assert.Equal((studyId, "Predicted", spec.Hash()), (frozen.StudyId, frozen.Name, frozen.Hash));
            Assert.Equal(PopulationSampler.Sample(spec).Weights.ToArray(), frozen.Users().Weights.ToArray());
            Assert.Null((await scene.StudyAsync(studyId)).CohortId);
            foreach (var version in await data.StudyVersions.Where(row => row.StudyId == studyId).ToListAsync())
            {
                var population = JsonNode.Parse(version.Design)!["population"]!;
                Assert.Equal(spec.Hash(), (string?)population["hash"]);
                Assert.Equal("0.25,1.5", (string?)population["concentration"]);
                Assert.Equal("2", (string?)population["inverseTemperature"]);
                Assert.Equal("r1", (string?)population["pins"]![0]!["revision"]);
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(frozen.Weights)), (string?)population["weights"]);
                Assert.Equal(version.Hash, StudyLock.HashOf(version.Design));
            }
            Assert.Equal(2, await data.StudyVersions.CountAsync(row => row.StudyId == studyId));
            Assert.Null(JsonNode.Parse((await data.StudyVersions.SingleAsync(row => row.StudyId == without)).Design)!["population"]);
        }
    }

    [Fact]
    public async Task APopulationOfAnotherDataSet_IsNotComparedWith()
    {
        await using var scene = await DraftScene.CreateAsync();
        var design = new StudyDesign { DatasetId = scene.DatasetId, Name = "Taste", CohortId = 12345 };
        var refused = Assert.IsType<SaveOutcome.Refused>(await scene.Drafter.SaveAsync(null, design, null));
        Assert.Equal("cohort", Assert.Single(refused.Problems).Field);
    }

    [Fact]
    public async Task WithoutANameOrADataSet_ThereIsNothingToSave()
    {
        await using var scene = await DraftScene.CreateAsync();
        var refused = Assert.IsType<SaveOutcome.Refused>(await scene.Drafter.SaveAsync(null, new(), null));
        Assert.Equal(["name", "dataset"], refused.Problems.Select(problem => problem.Field));
    }

    [Fact]
    public async Task AStudyWithProblems_StaysADraft_AndSaysThemInWords()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync(design => (design.Overlap, design.ConsentText) = (0, "We keep it for [Say how long]."));
        Assert.Equal(2, (await scene.Launcher.OpenAsync(studyId)).Count);
        Assert.Equal((StudyStatus.Draft, 0), await scene.StatusAsync(studyId));
    }

    [Fact]
    public async Task TheHashOfALockedDesign_IsThatOfItsDownload_WhichHasOneWayToBeWritten()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync(design =>
        {
            design.Instructions = "Line one\r\nline “two” 🙂";
            design.AttentionChecks = [StudyTemplates.Check];
            design.ConsentText = "Yes or no?";
            design.SelfNaming = SelfNamingPolicy.Mask;
        });
        Assert.Empty(await scene.Launcher.OpenAsync(studyId));

        await using var data = scene.Data();
        var version = await data.StudyVersions.SingleAsync(row => row.StudyId == studyId);
        var study = await scene.StudyAsync(studyId);
        Assert.Equal((StudyStatus.Open, 1, version.Hash), (study.Status, study.Version, study.DesignHash));
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext { Response = { Body = new MemoryStream() }, RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        await (await LockedDesign.DownloadAsync(studyId, null, scene.Contexts, default)).ExecuteAsync(http);
        var bytes = ((MemoryStream)http.Response.Body).ToArray();
        Assert.Equal(version.Hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
        var design = JsonNode.Parse(bytes)!;
        Assert.Equal(version.Design, CanonicalJson.Write(design));
        Assert.Equal("Line one\nline “two” 🙂", (string?)design["instructions"]);
        Assert.Equal(9, design["prompts"]!.AsArray().Count);
        // The first response of prompt 3 says who wrote it.
        Assert.Equal(0, (int?)design["prompts"]![3]!["masked"]!.AsArray().Single());
    }

    [Fact]
    public async Task ALockedDesign_CannotBeEdited_ByAnyoneWhoStillHasItOpen()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync();
        var open = await scene.Drafter.ReadAsync(studyId);
        Assert.Empty(await scene.Launcher.OpenAsync(studyId));
        await scene.Launcher.PauseAsync(studyId);
        open!.Design.Name = "Another question";
        Assert.IsType<SaveOutcome.NoLongerADraft>(await scene.Drafter.SaveAsync(studyId, open.Design, null));
        Assert.Equal("Taste", (await scene.StudyAsync(studyId)).Name);
    }

    [Fact]
    public async Task TwoWhoOpenAtOnce_LockOneDesign()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.Launcher.OpenAsync(studyId))), Assert.Empty);
        await using var data = scene.Data();
        Assert.Equal(1, await data.StudyVersions.CountAsync(row => row.StudyId == studyId));
    }

    [Fact]
    public async Task WhatMayChangeWhilePaused_MakesTheNextVersion_WithAnotherHash()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync(design => design.ConsentText = "First wording");
        await scene.Launcher.OpenAsync(studyId);
        var amendment = new StudyAmendment(Overlap: 5, ClosesAt: null, Quota: 40, AllowsRevision: false, "Second wording");
        Assert.Contains("Pause", Assert.Single(await scene.Launcher.AmendAsync(studyId, amendment)), StringComparison.Ordinal);

        await scene.Launcher.PauseAsync(studyId);
        Assert.Empty(await scene.Launcher.AmendAsync(studyId, amendment));
        Assert.Contains("only grow", Assert.Single(await scene.Launcher.AmendAsync(studyId, amendment with { Overlap = 4 })), StringComparison.Ordinal);
        Assert.Equal("Nothing was changed.", Assert.Single(await scene.Launcher.AmendAsync(studyId, amendment)));
        Assert.Empty(await scene.Launcher.OpenAsync(studyId));

        await using var data = scene.Data();
        var versions = await data.StudyVersions.Where(row => row.StudyId == studyId).OrderBy(row => row.Version).ToListAsync();
        Assert.Equal([1, 2], versions.Select(row => row.Version));
        Assert.NotEqual(versions[0].Hash, versions[1].Hash);
        Assert.Equal(["First wording", "Second wording"], await data.ConsentTexts.Where(row => row.StudyId == studyId).OrderBy(row => row.Version).Select(row => row.Text).ToListAsync());
        var study = await scene.StudyAsync(studyId);
        Assert.Equal((5, 40, false, 2, versions[1].Hash), (study.Overlap, study.Quota, study.AllowsRevision, study.Version, study.DesignHash));
    }

    [Fact]
    public async Task ACopy_HasAnotherCodeAndTheSameDesign_AndARehearsalIsOpenAtOnce()
    {
        await using var scene = await DraftScene.CreateAsync();
        var studyId = await scene.SaveAsync(design => (design.ConsentText, design.Quota, design.AttentionChecks) = ("Wording", 7, [StudyTemplates.Check]));
        var copy = await scene.StudyAsync((await scene.Launcher.CloneAsync(studyId, asRehearsal: false, keepSeed: false))!.Value);
        var rehearsal = await scene.StudyAsync((await scene.Launcher.CloneAsync(studyId, asRehearsal: true))!.Value);
        var study = await scene.StudyAsync(studyId);

        Assert.Equal(3, new[] { study.Code, copy.Code, rehearsal.Code }.Distinct().Count());
        Assert.Equal(("Copy of Taste", StudyStatus.Draft, 0, 7), (copy.Name, copy.Status, copy.Version, copy.Quota));
        Assert.NotEqual(study.Seed, copy.Seed);
        Assert.Equal((studyId, StudyStatus.Open, 1, study.Seed), (rehearsal.RehearsalOfId, rehearsal.Status, rehearsal.Version, rehearsal.Seed));
        Assert.All([copy, rehearsal], clone =>
        {
            Assert.Equal("Wording", Assert.Single(clone.ConsentTexts).Text);
            Assert.Equal(study.Prompts.Select(item => (item.PromptId, item.Index)).Order(), clone.Prompts.Select(item => (item.PromptId, item.Index)).Order());
            Assert.Equal(StudyTemplates.Check.Responses, Assert.Single(clone.AttentionChecks).Responses);
        });
        Assert.Contains("rehearsal", await scene.Launcher.DeleteDraftAsync(studyId), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyADraft_CanBeDeleted()
    {
        await using var scene = await DraftScene.CreateAsync();
        var (draft, opened) = (await scene.SaveAsync(), await scene.SaveAsync());
        await scene.Launcher.OpenAsync(opened);
        Assert.Null(await scene.Launcher.DeleteDraftAsync(draft));
        Assert.NotNull(await scene.Launcher.DeleteDraftAsync(opened));
        await using var data = scene.Data();
        Assert.Equal(opened, (await data.Studies.SingleAsync()).Id);
    }

    [Fact]
    public async Task ResponsesThatNameTheirModel_AreCounted_AndTheirPromptsCanBeLeftOut()
    {
        await using var scene = await DraftScene.CreateAsync();
        var design = new StudyDesign { DatasetId = scene.DatasetId };
        var shown = await scene.Drafter.PromptsAsync(design);
        Assert.Equal((1, 1, 9), (shown.SelfNaming, shown.SelfNamingPrompts, shown.Count));
        design.SelfNaming = SelfNamingPolicy.Exclude;
        Assert.Equal(8, (await scene.Drafter.PromptsAsync(design)).Count);
    }
}
