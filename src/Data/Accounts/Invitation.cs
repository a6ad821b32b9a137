using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Accounts;

/// <summary>A link that makes one account with one role. Only the hash of its secret is kept.</summary>
public sealed class Invitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>SHA-256 of the secret in the link, hexadecimal.</summary>
    public required string SecretHash { get; init; }

    public required string Role { get; init; }

    /// <summary>What the inviting person wrote to recognise the link by; not an address we send to.</summary>
    public string Note { get; init; } = "";

    /// <summary>The link printed on the console at first start.</summary>
    public bool IsFirstAdmin { get; init; }

    public Guid? InvitedById { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
    public Guid? UsedById { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> entity)
    {
        entity.HasIndex(invitation => invitation.SecretHash).IsUnique();
        entity.Property(invitation => invitation.SecretHash).HasMaxLength(64);
        entity.Property(invitation => invitation.Role).HasMaxLength(32);
        entity.Property(invitation => invitation.Note).HasMaxLength(200);
        entity.Property(invitation => invitation.UsedAt).IsConcurrencyToken();
    }
}
