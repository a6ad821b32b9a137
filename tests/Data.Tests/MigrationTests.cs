using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Testing;

namespace PersonalLlm.Data.Tests;

/// <summary>What a database of the first release holds, and what today's program finds in it.</summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private static readonly Guid s_done = new("0aaaaaaa-0000-0000-0000-000000000001");
    private static readonly Guid s_refused = new("0aaaaaaa-0000-0000-0000-000000000002");
    private static readonly Guid s_begun = new("0aaaaaaa-0000-0000-0000-000000000003");

    // As the first release wrote them, told in SQL because its classes are gone: two people in an open study of three prompts,
    // one ranking with a tie, one "none is acceptable", one half-made, one lease that ran out.
    private const string RowsOfTheFirstRelease = """
        INSERT INTO "AspNetRoles" ("Id", "Name", "NormalizedName") VALUES ('0eeeeeee-0000-0000-0000-000000000001', 'annotator', 'ANNOTATOR');
        INSERT INTO "AspNetUsers" ("Id", "CreatedAt", "UserName", "NormalizedUserName", "EmailConfirmed", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
          VALUES ('0bbbbbbb-0000-0000-0000-000000000001', '2026-01-01T09:00Z', 'ada@example.org', 'ADA@EXAMPLE.ORG', true, false, false, true, 0);
        INSERT INTO "AspNetUserRoles" VALUES ('0bbbbbbb-0000-0000-0000-000000000001', '0eeeeeee-0000-0000-0000-000000000001');
        INSERT INTO "Datasets" ("Id", "Name", "Description", "ContentHash", "Licence", "IsDemo", "PromptCount", "ResponseCount", "CreatedAt")
          VALUES (7, 'Eggs', 'About eggs', 'abc', 'CC0', false, 3, 9, '2026-01-01T09:00Z');
        INSERT INTO "ResponseModels" ("Id", "Name") VALUES (1, 'first'), (2, 'second'), (3, 'third');
        INSERT INTO "Prompts" ("Id", "DatasetId", "Index", "Key", "Text", "Subset") VALUES
          (11, 7, 0, 'p0', 'Boiled?', NULL), (12, 7, 1, 'p1', 'Fried?', 'pan'), (13, 7, 2, 'p2', 'Raw?', NULL);
        INSERT INTO "Responses" ("Id", "PromptId", "Index", "DatasetIndex", "ResponseModelId", "Text")
          SELECT prompt * 3 + response, 11 + prompt, response, prompt * 3 + response, response + 1, 'Text ' || response
          FROM generate_series(0, 2) AS prompt, generate_series(0, 2) AS response;
        INSERT INTO "RewardModels" ("Id", "Name", "Kind", "Description") VALUES (1, 'length', 'Attribute', 'How long it is');
        INSERT INTO "DatasetRewards" VALUES (7, 1, 1.5, 0.25, 'its own responses');
        INSERT INTO "RewardChunks" ("DatasetId", "RewardModelId", "ChunkIndex", "FirstResponseIndex", "Values") VALUES (7, 1, 0, 0, '\x0000803f');
        INSERT INTO "Cohorts" ("Id", "Name", "DatasetId", "Spec", "CreatedAt") VALUES (4, 'Thousand', 7, '{"Size":1000}', '2026-01-01T10:00Z');
        INSERT INTO "Studies" ("Id", "Code", "Name", "DatasetId", "Status", "Overlap", "Instructions", "Seed", "IsDemo", "CreatedById", "CreatedAt")
          VALUES (5, 'eggs', 'Egg study', 7, 'Open', 2, 'Read, then **rank**.', 4294967295, false, '0bbbbbbb-0000-0000-0000-000000000001', '2026-01-02T09:00Z');
        INSERT INTO "StudyPrompts" ("StudyId", "PromptId", "Index", "Taken") VALUES (5, 11, 0, 1), (5, 12, 1, 1), (5, 13, 2, 1);
        INSERT INTO "Annotators" ("Id", "StudyId", "Kind", "UserId", "Number", "JoinedAt") VALUES
          ('0ccccccc-0000-0000-0000-000000000001', 5, 'Human', '0bbbbbbb-0000-0000-0000-000000000001', 1, '2026-01-03T09:00Z'),
          ('0ccccccc-0000-0000-0000-000000000002', 5, 'Human', NULL, 2, '2026-01-03T10:00Z');
        INSERT INTO "Assignments" ("Id", "StudyId", "PromptId", "AnnotatorId", "PresentedOrder", "State", "LeasedAt", "LeasedUntil") VALUES
          ('0aaaaaaa-0000-0000-0000-000000000001', 5, 11, '0ccccccc-0000-0000-0000-000000000001', '{2,0,1}', 'Submitted', '2026-01-03T09:00Z', '2026-01-03T09:30Z'),
          ('0aaaaaaa-0000-0000-0000-000000000002', 5, 12, '0ccccccc-0000-0000-0000-000000000001', '{1,2,0}', 'Submitted', '2026-01-03T09:05Z', '2026-01-03T09:35Z'),
          ('0aaaaaaa-0000-0000-0000-000000000003', 5, 13, '0ccccccc-0000-0000-0000-000000000001', '{0,1,2}', 'Leased', '2026-01-03T09:10Z', '2026-01-03T09:40Z'),
          ('0aaaaaaa-0000-0000-0000-000000000004', 5, 11, '0ccccccc-0000-0000-0000-000000000002', '{1,0,2}', 'Expired', '2026-01-03T10:00Z', '2026-01-03T10:30Z');
        INSERT INTO "Judgements" ("Id", "AssignmentId", "Ranking", "AllBad", "StartedAt", "SubmittedAt") VALUES
          ('0ddddddd-0000-0000-0000-000000000001', '0aaaaaaa-0000-0000-0000-000000000001', 'B,A=C', false, '2026-01-03T09:00Z', '2026-01-03T09:04Z'),
          ('0ddddddd-0000-0000-0000-000000000002', '0aaaaaaa-0000-0000-0000-000000000002', '', true, '2026-01-03T09:05Z', '2026-01-03T09:09Z');
        INSERT INTO "JudgementDrafts" ("AssignmentId", "JudgementId", "Ranking", "AllBad", "Sequence", "SavedAt")
          VALUES ('0aaaaaaa-0000-0000-0000-000000000003', '0ddddddd-0000-0000-0000-000000000003', 'C', false, 17, '2026-01-03T09:12Z');
        """;

    private TestDatabase? _database;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateEmptyAsync();

    public async Task DisposeAsync() => await _database!.DisposeAsync();

    [Fact]
    public async Task DatabaseOfTheFirstRelease_KeepsEveryRowAndEveryValue_AndItsRankings()
    {
        await using var data = _database!.CreateContext();
        await data.GetService<IMigrator>().MigrateAsync("Initial");
        await data.Database.ExecuteSqlRawAsync(RowsOfTheFirstRelease.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
        var before = await RowsAsync(data);
        Assert.Equal(36, before.Sum(table => table.Value.Count));

        await data.UpdateSchemaAsync(CancellationToken.None);

        Assert.Empty(await data.Database.GetPendingMigrationsAsync());
        var after = await RowsAsync(data);
        foreach (var (table, rows) in before)
        {
            Assert.Equal(rows.Count, after[table].Count);
            Assert.All(rows, row => Assert.True(
                after[table].Any(now => row.All(value => now.TryGetValue(value.Key, out var kept) && JsonElement.DeepEquals(kept, value.Value))),
                $"{table} lost {JsonSerializer.Serialize(row)}."));
        }

        var judgements = await data.Judgements.AsNoTracking().Include(row => row.Assignment).OrderBy(row => row.SubmittedAt).ToListAsync();
        Assert.Equal(
            [(s_done, "B,A=C", false, 1, 1), (s_refused, "", true, 1, 1)],
            judgements.Select(row => (row.AssignmentId, row.Answer.Ranking.ToString(), row.Answer.AllBad, row.Revision, row.StudyVersion)));
        // "B" is the second response of the data set, which was shown last.
        Assert.Equal("C,A=B", PresentationOrder.ToPositions(judgements[0].Answer, judgements[0].Assignment!.PresentedOrder).Ranking.ToString());
        var draft = await data.JudgementDrafts.SingleAsync();
        Assert.Equal((s_begun, "C", 17L), (draft.AssignmentId, draft.Answer.Ranking.ToString(), draft.Sequence));
    }

    [Fact]
    public async Task StudyOfTheFirstRelease_GoesOnAsItWas_WithoutWhatItNeverAskedFor()
    {
        await using (var old = _database!.CreateContext())
        {
            await old.GetService<IMigrator>().MigrateAsync("Initial");
            await old.Database.ExecuteSqlRawAsync(RowsOfTheFirstRelease.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            await old.UpdateSchemaAsync(CancellationToken.None);
        }

        await using var data = _database.CreateContext();
        var study = await data.Studies.Include(row => row.ConsentTexts).SingleAsync();
        Assert.Equal((StudyStatus.Open, StudyAccess.Accounts, 2, uint.MaxValue), (study.Status, study.Access, study.Overlap, study.Seed));
        Assert.Equal(new InstrumentSpec().Kind, study.Instrument.Kind);
        Assert.Equal((0, 0, false), (study.Assignment.Repeats, study.AttentionChecks.Count, study.HasPractice));
        Assert.Empty(study.ConsentTexts);
        Assert.Empty(study.Survey);
        Assert.Null(study.Quota);
        Assert.Null(study.RehearsalOfId);
        Assert.Equal(2, await data.Judgements.OfPrompts().CountAsync());
        Assert.Equal([null, null], await data.Annotators.Select(row => row.ExclusionReason).ToListAsync());
    }

    /// <summary>Every row of every table, by column.</summary>
    private static async Task<Dictionary<string, List<Dictionary<string, JsonElement>>>> RowsAsync(PersonalLlmDbContext data)
    {
        var tables = await data.Database.SqlQueryRaw<string>(
            "SELECT table_name::text AS \"Value\" FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> '__EFMigrationsHistory'").ToListAsync();
        var rows = new Dictionary<string, List<Dictionary<string, JsonElement>>>();
        foreach (var table in tables)
        {
            var everything = string.Concat("SELECT to_jsonb(t)::text AS \"Value\" FROM \"", table, "\" AS t");
            var texts = await data.Database.SqlQueryRaw<string>(everything).ToListAsync();
            rows[table] = [.. texts.Select(text => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)!)];
        }
        return rows;
    }
}
