using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>A download of JSON lines, read and written a page at a time: the first line comes at once and the memory stays what a page needs.</summary>
internal static class LineStream
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // A file is no page: letters stay letters.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly byte[] s_newLine = "\n"u8.ToArray();

    /// <param name="contexts">Where the rows are.</param>
    /// <param name="fileName">What the browser calls the file.</param>
    /// <param name="pageSize">Rows of a page. EF Core holds a whole page in memory, because it may have to ask for it again.</param>
    /// <param name="page">The rows after one, the first ones after null, in the order of their key.</param>
    /// <param name="lines">The lines of a row.</param>
    public static IResult Of<TRow>(
        IDbContextFactory<PersonalLlmDbContext> contexts, string fileName, int pageSize,
        Func<PersonalLlmDbContext, TRow?, IQueryable<TRow>> page, Func<TRow, IEnumerable<object>> lines)
        where TRow : class =>
        Results.Stream(stream => WriteAsync(stream, contexts, pageSize, page, lines), "application/x-ndjson", fileName);

    private static async Task WriteAsync<TRow>(
        Stream stream, IDbContextFactory<PersonalLlmDbContext> contexts, int pageSize,
        Func<PersonalLlmDbContext, TRow?, IQueryable<TRow>> page, Func<TRow, IEnumerable<object>> lines)
        where TRow : class
    {
        await using var data = await contexts.CreateDbContextAsync();
        for (TRow? last = null; ;)
        {
            var rows = await page(data, last).Take(pageSize).ToListAsync();
            foreach (var line in rows.SelectMany(lines))
            {
                await JsonSerializer.SerializeAsync(stream, line, line.GetType(), s_json);
                await stream.WriteAsync(s_newLine);
            }
            // A reader who has left is noticed here.
            await stream.FlushAsync();
            if (rows.Count < pageSize)
                return;
            last = rows[^1];
        }
    }
}
