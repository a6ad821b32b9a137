using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Web.Features.Population;

/// <summary>Reads a table that is about the prompts of a data file, named on the command line beside it.</summary>
internal static class TableBesideFile
{
    /// <param name="path">Of the table.</param>
    /// <param name="form">What its report calls it.</param>
    /// <param name="read">Reads it, and says what is wrong with it.</param>
    /// <param name="file">What it is about.</param>
    /// <param name="cancellationToken">Checked while the file is hashed.</param>
    /// <returns>The table and where it came from, or one sentence saying why there is none.</returns>
    public static async Task<((ReportInput Input, T Table)? Read, string? Refusal)> ReadAsync<T>(
        string path, string form, Func<Stream, IReadOnlyList<ChoosablePrompt>, Task<(T Table, IReadOnlyList<DatasetProblem> Problems)>> read, ScoredFile file,
        CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return (null, $"There is no file {path}.");
        try
        {
            await using var stream = File.OpenRead(path);
            var sha256 = await ScoredFile.HashAsync(stream, cancellationToken);
            var (table, problems) = await read(
                stream, [.. file.Prompts.Select(prompt => new ChoosablePrompt(prompt.Key, [.. prompt.Responses.Select(response => response.ResponseModel)]))]);
            if (problems.Where(problem => problem.IsFatal).ToArray() is { Length: > 0 } fatal)
                return (null, ScoredFile.Refusal(path, fatal));
            ReportOddity[] oddities = [.. problems.GroupBy(problem => problem.Kind).Select(group => new ReportOddity(group.Key, group.Count()))];
            return ((new ReportInput(Path.GetFileName(path), sha256, form, oddities), table), null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file {path} cannot be read: {unreadable.Message}");
        }
    }
}
