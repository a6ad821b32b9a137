using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Renderers;
using Markdig.Renderers.Html;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>Mathematics between \( and \) or \[ and \], as most language models write it; Markdown alone would eat the backslashes.</summary>
internal sealed class BackslashMathematics : InlineParser, IMarkdownExtension
{
    public BackslashMathematics() => OpeningCharacters = ['\\'];

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var opening = slice.PeekChar();
        if (opening is not ('(' or '['))
            return false;
        var start = slice.Start + 2;
        var end = slice.Text.IndexOf(opening == '(' ? "\\)" : "\\]", start, slice.End - start + 1, StringComparison.Ordinal);
        // A backtick says that one delimiter stands in code, and that they do not belong together.
        if (end <= start || slice.Text.AsSpan(start, end - start).Contains('`'))
            return false;
        var mathematics = new MathInline
        {
            Delimiter = '$',
            DelimiterCount = opening == '(' ? 1 : 2,
            Content = new(slice.Text, start, end - 1),
            Span = new(processor.GetSourcePosition(slice.Start, out var line, out var column), processor.GetSourcePosition(end + 1)),
            Line = line,
            Column = column,
        };
        mathematics.GetAttributes().AddClass("math");
        processor.Inline = mathematics;
        slice.Start = end + 2;
        return true;
    }

    public void Setup(MarkdownPipelineBuilder pipeline) => pipeline.InlineParsers.InsertBefore<EscapeInlineParser>(this);

    // The mathematics extension brings the renderer.
    public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
    {
    }
}
