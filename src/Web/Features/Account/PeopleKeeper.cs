using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>Somebody with an account, as an admin sees them.</summary>
internal sealed record PersonSummary(
    Guid Id, string Email, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt, bool IsLocked, bool HasPassword, bool HasSecondStep, int Passkeys);

internal enum PersonChange
{
    Done,

    /// <summary>Nobody would be left who can let others in; nothing was changed.</summary>
    LastAdmin,

    /// <summary>No such account.</summary>
    Gone,
}

/// <summary>Keeps the people's accounts in order for an admin.</summary>
internal sealed class PeopleKeeper(PersonalLlmDbContext data, UserManager<ApplicationUser> people, TimeProvider clock)
{
    /// <summary>The accounts whose e-mail address contains the words, by address; at most the given number.</summary>
    public async Task<IReadOnlyList<PersonSummary>> ListAsync(string words = "", int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var normalized = people.NormalizeEmail(words.Trim()) ?? "";
        return await data.Users.AsNoTracking()
            .Where(person => person.NormalizedEmail!.Contains(normalized))
            .OrderBy(person => person.NormalizedEmail)
            .Take(most)
            .Select(person => new PersonSummary(
                person.Id,
                person.Email!,
                (from held in data.UserRoles
                 join role in data.Roles on held.RoleId equals role.Id
                 where held.UserId == person.Id
                 orderby role.Name
                 select role.Name!).ToList(),
                person.CreatedAt,
                person.LockoutEnd > now,
                person.PasswordHash != null,
                person.TwoFactorEnabled,
                data.UserPasskeys.Count(passkey => passkey.UserId == person.Id)))
            .ToListAsync(cancellationToken);
    }

    public Task<int> CountAsync(CancellationToken cancellationToken = default) => data.Users.CountAsync(cancellationToken);

    public Task<PersonChange> GiveRoleAsync(Guid id, string role) => ChangeAsync(id, async person =>
    {
        if (!await people.IsInRoleAsync(person, role))
            (await people.AddToRoleAsync(person, role)).OrThrow();
    });

    public Task<PersonChange> TakeRoleAsync(Guid id, string role) => ChangeAsync(id, async person =>
    {
        if (await people.IsInRoleAsync(person, role))
            (await people.RemoveFromRoleAsync(person, role)).OrThrow();
    });

    /// <summary>Signs the person out everywhere and keeps them out until unlocked.</summary>
    public Task<PersonChange> LockAsync(Guid id) => ChangeAsync(id, async person =>
    {
        (await people.SetLockoutEnabledAsync(person, true)).OrThrow();
        (await people.SetLockoutEndDateAsync(person, DateTimeOffset.MaxValue)).OrThrow();
        (await people.UpdateSecurityStampAsync(person)).OrThrow();
    });

    public Task<PersonChange> UnlockAsync(Guid id) => ChangeAsync(id, async person =>
    {
        (await people.SetLockoutEndDateAsync(person, null)).OrThrow();
        (await people.ResetAccessFailedCountAsync(person)).OrThrow();
    });

    /// <summary>For somebody who lost their phone: the password alone lets them in again.</summary>
    public Task<PersonChange> ResetSecondStepAsync(Guid id) => ChangeAsync(id, async person =>
    {
        (await people.SetTwoFactorEnabledAsync(person, false)).OrThrow();
        (await people.ResetAuthenticatorKeyAsync(person)).OrThrow();
    });

    /// <summary>What a link to choose a new password carries; it works once, for a day. Null when there is no such account.</summary>
    public async Task<(ApplicationUser Person, string Token)?> PasswordResetAsync(string email) =>
        await people.FindByEmailAsync(email) is { } person
            ? (person, await people.GeneratePasswordResetTokenAsync(person))
            : null;

    // Changed first, then looked at: whatever the change was, an admin who can sign in must be left.
    private Task<PersonChange> ChangeAsync(Guid id, Func<ApplicationUser, Task> change) =>
        data.InTransactionAsync(async () =>
        {
            await data.LockAdminsAsync(CancellationToken.None);
            if (await people.FindByIdAsync(id.ToString()) is not { } person)
                return PersonChange.Gone;
            await change(person);
            var forGood = clock.GetUtcNow().AddYears(100);
            return await data.Admins().AnyAsync(admin => admin.LockoutEnd == null || admin.LockoutEnd < forGood)
                ? PersonChange.Done
                : PersonChange.LastAdmin;
        }, CancellationToken.None, keep: change => change == PersonChange.Done);
}
