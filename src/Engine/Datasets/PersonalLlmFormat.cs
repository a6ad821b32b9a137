using System.Runtime.CompilerServices;

namespace PersonalLlm.Engine.Datasets;

/// <summary>
/// PersonalLLM's own columns as JSONL (Zollo et al. 2024, arXiv 2409.20296): <c>prompt</c>, <c>subset</c>, <c>prompt_id</c>,
/// <c>response_i</c>, <c>response_i_model</c>, <c>response_i_&lt;alias&gt;</c>. Responses are counted per row; the model behind one is read
/// from its own column, never from its position.
/// </summary>
public sealed class PersonalLlmFormat : IDatasetFormat
{
    public string Name => "PersonalLLM JSONL";

    public bool Recognises(DatasetOpening opening) => opening.IsJson && opening.Columns.Contains("response_1");

    public async IAsyncEnumerable<DatasetEntry> ReadAsync(Stream utf8, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var row = new PersonalLlmRow(isCell: false);
        await foreach (var (lineNumber, document, problem) in JsonLines.ReadAsync(utf8, cancellation))
        {
            using (document)
                yield return problem ?? Read();

            DatasetEntry Read()
            {
                try
                {
                    return row.Read(lineNumber, document!.RootElement.EnumerateObject().Select(field => JsonField.Read(field.Name, field.Value)));
                }
                catch (FieldException unreadable)
                {
                    return unreadable.AtLine(lineNumber);
                }
            }
        }
        if (DatasetChecks.IgnoredFields(row.Ignored) is { } notice)
            yield return notice;
    }
}
