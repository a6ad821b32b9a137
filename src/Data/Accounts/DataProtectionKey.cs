using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Accounts;

/// <summary>One key of ASP.NET Core data protection (cookies, antiforgery), so that every node and restart shares them.</summary>
public sealed class DataProtectionKey
{
    public int Id { get; init; }
    public required string Name { get; init; }
    public required string Xml { get; init; }
}

internal sealed class DataProtectionKeyConfiguration : IEntityTypeConfiguration<DataProtectionKey>
{
    public void Configure(EntityTypeBuilder<DataProtectionKey> entity)
    {
        entity.HasIndex(key => key.Name).IsUnique();
        entity.Property(key => key.Name).HasMaxLength(200);
    }
}
