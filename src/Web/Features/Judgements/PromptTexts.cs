using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Datasets;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>A prompt and its responses in the order of the data set, as annotators may read them.</summary>
internal sealed record PromptText(string Prompt, IReadOnlyList<string> Responses);

/// <summary>Keeps the texts that annotators have in front of them now: each is read again by everybody in its overlap, and none ever changes.</summary>
internal sealed class PromptTexts : IDisposable
{
    private const int LargestTotal = 32_000_000;
    private static readonly TimeSpan s_lengthsFor = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _texts = new(new MemoryCacheOptions { SizeLimit = LargestTotal });

    public async Task<PromptText> ReadAsync(PersonalLlmDbContext data, long promptId, SelfNamingPolicy selfNaming, CancellationToken cancellation)
    {
        var isMasked = selfNaming == SelfNamingPolicy.Mask;
        if (_texts.TryGetValue((promptId, isMasked), out PromptText? known))
            return known!;
        var row = await data.Prompts.Where(prompt => prompt.Id == promptId).Select(prompt => new
        {
            prompt.Text,
            Responses = prompt.Responses.OrderBy(response => response.Index).Select(response => new { response.Text, Model = response.ResponseModel!.Name }).ToList(),
        }).SingleAsync(cancellation);
        var text = new PromptText(row.Text, [.. row.Responses.Select(response => isMasked ? SelfNaming.Mask(response.Text, response.Model) : response.Text)]);
        return _texts.Set((promptId, isMasked), text, new MemoryCacheEntryOptions { Size = text.Prompt.Length + text.Responses.Sum(response => response.Length) });
    }

    /// <summary>How many prompts a study has, and how much there is to read of one of them, in characters, when as many responses are shown as the design says.</summary>
    public async Task<(int Prompts, double CharactersPerItem)> LengthAsync(PersonalLlmDbContext data, Study study, CancellationToken cancellation)
    {
        var prompts = data.StudyPrompts.Where(item => item.StudyId == study.Id);
        var count = await prompts.CountAsync(cancellation);
        if (count == 0)
            return (0, 0);
        // Everybody who opens the study's page asks, and the database has to read every text to know.
        var (prompt, response, responses) = await _texts.GetOrCreateAsync((study.Id, study.Version, count, "length"), async entry =>
        {
            entry.SetSize(1).SetAbsoluteExpiration(s_lengthsFor);
            var all = prompts.SelectMany(item => item.Prompt!.Responses);
            var responseCount = await all.CountAsync(cancellation);
            return (
                Prompt: await prompts.AverageAsync(item => item.Prompt!.Text.Length, cancellation),
                Response: responseCount == 0 ? 0 : await all.AverageAsync(row => row.Text.Length, cancellation),
                Responses: (double)responseCount / count);
        });
        return (count, prompt + response * Math.Min(responses, study.Assignment.ResponsesPerPrompt ?? responses));
    }

    public void Dispose() => _texts.Dispose();
}
