namespace PersonalLlm.Engine.Datasets;

/// <summary>A way to write prompts with responses into a text file.</summary>
public interface IDatasetFormat
{
    /// <summary>Its name on pages and in the record of an import.</summary>
    string Name { get; }

    /// <summary>True when a file that opens like this is written in this format.</summary>
    bool Recognises(DatasetOpening opening);

    /// <summary>
    /// Reads records and problems in the order of the file, without holding more than one record. A line that cannot be read gives
    /// a fatal problem and reading goes on with the next line.
    /// </summary>
    /// <param name="utf8">Decompressed text in UTF-8, without a byte order mark.</param>
    /// <param name="cancellation">Ends the reading.</param>
    IAsyncEnumerable<DatasetEntry> ReadAsync(Stream utf8, CancellationToken cancellation);
}

/// <summary>How a file begins: enough to tell its format.</summary>
/// <param name="IsJson">True when the first line begins with a brace; otherwise it is taken as the header of a CSV file.</param>
/// <param name="Columns">The field names of the first line.</param>
public sealed record DatasetOpening(bool IsJson, IReadOnlyList<string> Columns);
