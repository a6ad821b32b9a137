using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PersonalLlm.Data;

namespace PersonalLlm.Web.Database;

/// <summary>Ready means that a query comes back.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<PersonalLlmDbContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var data = await contexts.CreateDbContextAsync(cancellationToken);
        return await data.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "The database does not answer.");
    }
}
