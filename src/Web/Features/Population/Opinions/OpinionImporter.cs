using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Postgres;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Web.Features.Population.Opinions;

/// <summary>Three tables that were read and may be kept.</summary>
/// <param name="Sha256">As <see cref="OpinionSurvey.Sha256"/>.</param>
internal sealed record OpinionReading(OpinionTables Tables, string Sha256);

/// <summary>Reads the three tables of a survey and keeps them under a name, all or nothing.</summary>
internal sealed class OpinionImporter(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider time)
{
    /// <returns>What was read, or one sentence: which table, which line, how to mend it.</returns>
    public static async Task<(OpinionReading? Reading, string? Problem)> ReadAsync(byte[] questions, byte[] choices, byte[] people, CancellationToken cancellation = default)
    {
        var (tables, problem) = await OpinionTables.ReadAsync(new MemoryStream(questions), new MemoryStream(choices), new MemoryStream(people), cancellation);
        return tables is null
            ? (null, problem)
            : (new OpinionReading(tables, string.Join(' ', new[] { questions, choices, people }.Select(table => Convert.ToHexStringLower(SHA256.HashData(table))))), null);
    }

    /// <returns>The survey's id, or one sentence saying why it was not kept.</returns>
    public async Task<(int? Id, string? Problem)> KeepAsync(string name, OpinionReading reading, CancellationToken cancellation = default)
    {
        name = name.Trim();
        if (name.Length is 0 or > 200)
            return (null, "Give the survey a name of at most 200 characters.");
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var made = new OpinionSurvey { Name = name, Tables = reading.Tables, Sha256 = reading.Sha256, ImportedAt = time.GetUtcNow() };
        context.OpinionSurveys.Add(made);
        try
        {
            await context.SaveChangesAsync(cancellation);
            return (made.Id, null);
        }
        catch (DbUpdateException refused) when (refused.IsUniqueViolation())
        {
            return (null, $"There is a survey called \u201c{name}\u201d already; take another name.");
        }
    }
}
