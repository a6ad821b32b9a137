using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Data.Postgres;

/// <summary>A place of a prompt's overlap that was just taken.</summary>
/// <param name="PromptId">The prompt.</param>
/// <param name="Index">Its 0-based position in the study.</param>
/// <param name="ResponseCount">How many responses it has.</param>
public sealed record TakenPlace(long PromptId, int Index, int ResponseCount);

/// <summary>The one statement in which annotators meet, so the one that must not make them wait for each other.</summary>
public static class PlaceTaking
{
    // {3}: of the subset of which this annotator has had the fewest prompts.
    // Materialised: as a subquery of the update, the planner may ask it once for each row of the study, and get another prompt each time.
    private const string Choose = """
        WITH chosen AS MATERIALIZED (
            SELECT item."PromptId" FROM "StudyPrompts" item
            WHERE item."StudyId" = {0} AND item."Taken" < {1}
                AND NOT EXISTS (SELECT 1 FROM "Assignments" own WHERE own."AnnotatorId" = {2} AND own."PromptId" = item."PromptId")
            ORDER BY CASE WHEN {3} THEN (
                SELECT count(*) FROM "Assignments" own JOIN "Prompts" had ON had."Id" = own."PromptId" JOIN "Prompts" prompt ON prompt."Id" = item."PromptId"
                WHERE own."AnnotatorId" = {2} AND own."RepeatOfId" IS NULL AND own."State" IN ('Leased', 'Submitted') AND had."Subset" IS NOT DISTINCT FROM prompt."Subset") END
        """;

    // Whoever has to wait waits anywhere, and not all for the one prompt that has the fewest.
    private const string Free = Choose + """, item."Taken", random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED""" + Take;
    private const string Any = Choose + ", random() LIMIT 1 FOR NO KEY UPDATE" + Take;

    private const string Take = """
        )
        UPDATE "StudyPrompts" place SET "Taken" = place."Taken" + 1
        FROM chosen
        WHERE place."StudyId" = {0} AND place."PromptId" = chosen."PromptId"
        RETURNING place."PromptId", place."Index", (SELECT count(*)::int FROM "Responses" response WHERE response."PromptId" = place."PromptId") AS "ResponseCount"
        """;

    /// <summary>
    /// Takes a place of one of the least annotated prompts that the annotator has not had, chosen at random among equals. Prompts whose
    /// places others are taking at this moment are passed over, so that people who ask together get different prompts and nobody waits;
    /// only where nothing else is left does it wait for them. Null when no place is left then either.
    /// </summary>
    /// <param name="data">In a transaction, which keeps the place only if it commits.</param>
    /// <param name="study">The study.</param>
    /// <param name="annotatorId">The annotator, whose row the transaction has locked.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<TakenPlace?> TakePlaceAsync(this PersonalLlmDbContext data, Study study, Guid annotatorId, CancellationToken cancellationToken)
    {
        object[] about = [study.Id, study.Overlap, annotatorId, study.Assignment.Strategy == AssignmentStrategy.Stratified];
        var free = await data.Database.SqlQueryRaw<TakenPlace>(Free, about).ToListAsync(cancellationToken);
        if (free.Count == 0)
            free = await data.Database.SqlQueryRaw<TakenPlace>(Any, about).ToListAsync(cancellationToken);
        return free.SingleOrDefault();
    }
}
