using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

internal static class AccountRoles
{
    /// <summary>Start-up step: the three roles exist afterwards.</summary>
    public static async Task EnsureRolesAsync(this IServiceProvider services)
    {
        foreach (var role in Roles.All)
        {
            try
            {
                await EnsureRoleAsync(services, role);
            }
            catch (DbUpdateException)
            {
                // Another process made it between the question and the answer; asking again finds it.
                await EnsureRoleAsync(services, role);
            }
        }
    }

    private static async Task EnsureRoleAsync(IServiceProvider services, string role)
    {
        await using var scope = services.CreateAsyncScope();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<Guid>>>();
        if (!await roles.RoleExistsAsync(role))
            await roles.CreateAsync(new(role));
    }
}
