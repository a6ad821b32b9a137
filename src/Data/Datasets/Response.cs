using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Datasets;

/// <summary>One language model's answer to a prompt.</summary>
public sealed class Response
{
    public long Id { get; init; }
    public long PromptId { get; init; }
    public Prompt? Prompt { get; init; }

    /// <summary>0-based position within the prompt, in the file's order; the letter of a ranking.</summary>
    public int Index { get; init; }

    /// <summary>0-based position within the whole data set; the row of the reward matrix.</summary>
    public int DatasetIndex { get; init; }

    public int ResponseModelId { get; init; }
    public ResponseModel? ResponseModel { get; init; }
    public required string Text { get; init; }
}

/// <summary>A language model that wrote responses.</summary>
public sealed class ResponseModel
{
    public int Id { get; init; }
    public required string Name { get; init; }
}

internal sealed class ResponseConfiguration : IEntityTypeConfiguration<Response>
{
    public void Configure(EntityTypeBuilder<Response> entity)
    {
        entity.HasIndex(response => new { response.PromptId, response.Index }).IsUnique();
        entity.HasOne(response => response.Prompt).WithMany(prompt => prompt.Responses).OnDelete(DeleteBehavior.Cascade);
        entity.HasOne(response => response.ResponseModel).WithMany().OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ResponseModelConfiguration : IEntityTypeConfiguration<ResponseModel>
{
    public void Configure(EntityTypeBuilder<ResponseModel> entity)
    {
        entity.HasIndex(model => model.Name).IsUnique();
        entity.Property(model => model.Name).HasMaxLength(200);
    }
}
