using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Web.Tests.Features.Judgements;

public sealed class PlaceTakingTests
{
    [Fact]
    public async Task TakingAPlace_TakesOne_WhateverTheDatabaseKnowsOfItsTables()
    {
        await using var scene = await StudyScene.CreateAsync(prompts: 3, responses: 2, overlap: 50);
        await using var data = scene.Data();
        for (var other = 0; other < 60; other++)
        {
            var (study, _) = await StudyScene.SeedAsync(data, $"other{other}", prompts: 3, responses: 2, overlap: 9, people: 0);
            // With many small studies and new statistics, another plan is the cheapest.
            if (other is 20 or 40)
                await data.Database.ExecuteSqlAsync($"ANALYZE");
            for (var taken = 1; taken <= 4; taken++)
            {
                Assert.NotNull(await data.TakePlaceAsync(study, Guid.NewGuid(), CancellationToken.None));
                Assert.Equal(taken, await data.StudyPrompts.Where(item => item.StudyId == study.Id).SumAsync(item => item.Taken));
            }
        }
    }
}
