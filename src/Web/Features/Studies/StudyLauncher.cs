using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>Makes studies, and opens, pauses and closes them.</summary>
internal sealed class StudyLauncher(IDbContextFactory<PersonalLlmDbContext> contexts, TimeProvider clock)
{
    // No letter or digit that is mistaken for another when read aloud or copied by hand.
    private const string CodeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Prompts of a design: ids in the order of the data set. A prompt needs two responses to be ranked, and letters end at 26.</summary>
    public async Task<IReadOnlyList<long>> PromptsAsync(StudyDesign design, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var rankable = data.Prompts.Where(prompt => prompt.DatasetId == design.DatasetId
            && prompt.Responses.Count >= 2 && prompt.Responses.Count <= Ranking.MaximumResponses);
        if (design.Choice == PromptChoice.Subset)
            rankable = rankable.Where(prompt => prompt.Subset == design.Subset);
        var promptIds = await rankable.OrderBy(prompt => prompt.Index).Select(prompt => prompt.Id).ToListAsync(cancellation);
        return design.Choice == PromptChoice.Sample
            ? [.. PromptSample.Draw(promptIds.Count, design.SampleSize, (uint)design.SampleSeed).Select(position => promptIds[position])]
            : promptIds;
    }

    /// <summary>Makes the study as a draft; nobody can rank before it is opened. Null when the design has no prompt.</summary>
    public async Task<int?> CreateAsync(StudyDesign design, Guid? createdById, CancellationToken cancellation = default)
    {
        var promptIds = await PromptsAsync(design, cancellation);
        if (promptIds.Count == 0)
            return null;
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        var study = new Study
        {
            Code = RandomNumberGenerator.GetString(CodeAlphabet, 10),
            Name = design.Name.Trim(),
            DatasetId = design.DatasetId,
            Status = StudyStatus.Draft,
            Overlap = design.Overlap,
            Instructions = design.Instructions.Trim(),
            Seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)),
            CreatedById = createdById,
            CreatedAt = clock.GetUtcNow(),
        };
        study.Prompts.AddRange(promptIds.Select((promptId, index) => new StudyPrompt { PromptId = promptId, Index = index }));
        data.Studies.Add(study);
        await data.SaveChangesAsync(cancellation);
        return study.Id;
    }

    public async Task SetStatusAsync(int studyId, StudyStatus status, CancellationToken cancellation = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellation);
        await data.Studies.Where(study => study.Id == studyId)
            .ExecuteUpdateAsync(set => set.SetProperty(study => study.Status, status), cancellation);
    }
}
