using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>What must be asked and changed in one transaction so that there is never no admin, and never two first ones.</summary>
internal static class AdminQueries
{
    public static IQueryable<ApplicationUser> Admins(this PersonalLlmDbContext data) =>
        from person in data.Users
        join held in data.UserRoles on person.Id equals held.UserId
        join role in data.Roles on held.RoleId equals role.Id
        where role.Name == Roles.Admin
        select person;

    /// <summary>Until the transaction ends, nobody else who asks for this gets past it: writing the role's row locks it on every database.</summary>
    public static Task LockAdminsAsync(this PersonalLlmDbContext data, CancellationToken cancellationToken) =>
        data.Roles.Where(role => role.Name == Roles.Admin)
            .ExecuteUpdateAsync(set => set.SetProperty(role => role.ConcurrencyStamp, Guid.NewGuid().ToString()), cancellationToken);

    /// <summary>Runs the work in a transaction, again from the start when the connection was lost, and keeps its writes unless told not to.</summary>
    public static Task<T> InTransactionAsync<T>(
        this PersonalLlmDbContext data, Func<Task<T>> work, CancellationToken cancellationToken, Func<T, bool>? keep = null) =>
        data.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            data.ChangeTracker.Clear();
            await using var transaction = await data.Database.BeginTransactionAsync(cancellationToken);
            var result = await work();
            if (keep is null || keep(result))
                await transaction.CommitAsync(cancellationToken);
            return result;
        });

    /// <summary>For steps that only fail when a promise of ours is broken.</summary>
    public static void OrThrow(this IdentityResult result)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException(string.Join(" ", result.Errors.Select(error => error.Description)));
    }
}
