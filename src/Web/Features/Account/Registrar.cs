using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Postgres;

namespace PersonalLlm.Web.Features.Account;

/// <summary>What a link of invitation is worth now.</summary>
internal enum LinkState
{
    Open,
    Unknown,
    Used,
    Revoked,
    Expired,

    /// <summary>A set-up link after somebody has become admin in another way.</summary>
    SetupDone,
}

/// <summary>A new invitation and the secret of its link, which exists only here and in the link.</summary>
internal sealed record IssuedInvitation(Invitation Invitation, string Secret);

/// <summary>How an attempt to join ended: a person, a link that is not open, or what is wrong with the e-mail address or password.</summary>
internal sealed record Joining(ApplicationUser? Person, LinkState Link, IReadOnlyList<string> Problems)
{
    public static Joining Welcome(ApplicationUser person) => new(person, LinkState.Open, []);
    public static Joining Refused(LinkState link) => new(null, link, []);
    public static Joining Invalid(IEnumerable<string> problems) => new(null, LinkState.Open, [.. problems]);
}

/// <summary>Registers people: the only way to an account is a link that the registrar issued.</summary>
internal sealed class Registrar(
    PersonalLlmDbContext data, UserManager<ApplicationUser> people, TimeProvider clock, IOptions<AccountOptions> options)
{
    public async Task<IssuedInvitation> InviteAsync(
        string role, string note, TimeSpan? validFor = null, Guid? invitedById = null, CancellationToken cancellationToken = default)
    {
        var issued = Issue(role, note, validFor ?? TimeSpan.FromDays(options.Value.InvitationDays), invitedById, isFirstAdmin: false);
        await data.SaveChangesAsync(cancellationToken);
        return issued;
    }

    /// <summary>A fresh link for the first admin, which revokes older ones; null when there is an admin.</summary>
    public Task<IssuedInvitation?> RenewSetupLinkAsync(CancellationToken cancellationToken = default) =>
        data.InTransactionAsync(async () =>
        {
            await data.LockAdminsAsync(cancellationToken);
            if (await data.Admins().AnyAsync(cancellationToken))
                return null;
            var now = clock.GetUtcNow();
            await data.Invitations
                .Where(invitation => invitation.IsFirstAdmin && invitation.UsedAt == null && invitation.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(invitation => invitation.RevokedAt, now), cancellationToken);
            var issued = Issue(Roles.Admin, "First administrator", TimeSpan.FromHours(options.Value.SetupLinkHours), null, isFirstAdmin: true);
            await data.SaveChangesAsync(cancellationToken);
            return issued;
        }, cancellationToken);

    public async Task<(LinkState State, Invitation? Invitation)> LookUpAsync(string? secret, CancellationToken cancellationToken = default)
    {
        var hash = Hash(secret ?? "");
        var invitation = await data.Invitations.AsNoTracking()
            .FirstOrDefaultAsync(candidate => candidate.SecretHash == hash, cancellationToken);
        return invitation switch
        {
            null => (LinkState.Unknown, null),
            { UsedAt: not null } => (LinkState.Used, invitation),
            { RevokedAt: not null } => (LinkState.Revoked, invitation),
            _ when invitation.ExpiresAt <= clock.GetUtcNow() => (LinkState.Expired, invitation),
            { IsFirstAdmin: true } when await data.Admins().AnyAsync(cancellationToken) => (LinkState.SetupDone, invitation),
            _ => (LinkState.Open, invitation),
        };
    }

    /// <summary>Makes the account and uses up the link, both or neither; of two attempts at once one wins.</summary>
    /// <param name="secret">The secret of the link.</param>
    /// <param name="id">The account's id; a passkey is bound to it before the account exists.</param>
    /// <param name="email">The user name.</param>
    /// <param name="password">Null when a passkey is given.</param>
    /// <param name="passkey">Null when a password is given.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<Joining> JoinAsync(
        string? secret, Guid id, string email, string? password, UserPasskeyInfo? passkey, CancellationToken cancellationToken = default) =>
        data.InTransactionAsync(async () =>
        {
            var (state, invitation) = await LookUpAsync(secret, cancellationToken);
            if (state != LinkState.Open)
                return Joining.Refused(state);
            if (invitation!.IsFirstAdmin)
            {
                await data.LockAdminsAsync(cancellationToken);
                if (await data.Admins().AnyAsync(cancellationToken))
                    return Joining.Refused(LinkState.SetupDone);
            }
            var now = clock.GetUtcNow();
            var usedUp = await data.Invitations
                .Where(open => open.Id == invitation.Id && open.UsedAt == null && open.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(open => open.UsedAt, now).SetProperty(open => open.UsedById, id), cancellationToken);
            if (usedUp == 0)
                return Joining.Refused(LinkState.Used);

            var person = new ApplicationUser { Id = id, UserName = email, Email = email, CreatedAt = now };
            var created = await CreateAsync(person, password);
            if (!created.Succeeded)
                return Joining.Invalid(InWords(created));
            if (passkey is not null)
                (await people.AddOrUpdatePasskeyAsync(person, passkey)).OrThrow();
            (await people.AddToRoleAsync(person, invitation.Role)).OrThrow();
            return Joining.Welcome(person);
        }, cancellationToken, keep: joining => joining.Person is not null);

    private async Task<IdentityResult> CreateAsync(ApplicationUser person, string? password)
    {
        try
        {
            return password is null ? await people.CreateAsync(person) : await people.CreateAsync(person, password);
        }
        catch (DbUpdateException clash) when (clash.IsUniqueViolation())
        {
            // Identity looked for the address, and somebody with another link took it before the row was written.
            return IdentityResult.Failed(people.ErrorDescriber.DuplicateEmail(person.Email!));
        }
    }

    /// <summary>Takes an open link back. A used one stays used.</summary>
    public Task RevokeAsync(Guid invitationId, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return data.Invitations
            .Where(invitation => invitation.Id == invitationId && invitation.UsedAt == null && invitation.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(invitation => invitation.RevokedAt, now), cancellationToken);
    }

    public Task<List<Invitation>> OpenInvitationsAsync(CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return data.Invitations.AsNoTracking()
            .Where(invitation => invitation.UsedAt == null && invitation.RevokedAt == null && invitation.ExpiresAt > now)
            .OrderByDescending(invitation => invitation.CreatedAt)
            .ToListAsync(cancellationToken);
    }

    // The e-mail address is the user name, so Identity reports one clash twice.
    internal static IEnumerable<string> InWords(IdentityResult result) => result.Errors.Select(error => error.Code switch
    {
        nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.DuplicateEmail) =>
            "This e-mail address has an account already. Sign in with it, or use another address.",
        nameof(IdentityErrorDescriber.InvalidUserName) or nameof(IdentityErrorDescriber.InvalidEmail) =>
            "This does not look like an e-mail address.",
        nameof(IdentityErrorDescriber.PasswordTooShort) => "Choose a password of at least 12 characters; three or four words do well.",
        nameof(IdentityErrorDescriber.PasswordRequiresUniqueChars) => "Choose a password with more different characters.",
        nameof(IdentityErrorDescriber.PasswordMismatch) => "The present password is not right.",
        nameof(IdentityErrorDescriber.InvalidToken) => "This link has been used or has run out. Ask an administrator for a new one.",
        _ => error.Description,
    }).Distinct();

    private IssuedInvitation Issue(string role, string note, TimeSpan validFor, Guid? invitedById, bool isFirstAdmin)
    {
        if (!Roles.All.Contains(role))
            throw new ArgumentException($"Expected one of the roles {string.Join(", ", Roles.All)}, but got {role}.", nameof(role));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = clock.GetUtcNow();
        var invitation = new Invitation
        {
            SecretHash = Hash(secret),
            Role = role,
            Note = note,
            IsFirstAdmin = isFirstAdmin,
            InvitedById = invitedById,
            CreatedAt = now,
            ExpiresAt = now + validFor,
        };
        data.Invitations.Add(invitation);
        return new(invitation, secret);
    }

    // 256 random bits cannot be guessed, so a plain hash is enough where a password would need a slow one.
    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
