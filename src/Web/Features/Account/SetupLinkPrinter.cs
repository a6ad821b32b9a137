namespace PersonalLlm.Web.Features.Account;

/// <summary>
/// While nobody is admin, prints a one-time link on the console that makes the first one. The link goes to the console and
/// never to the log, which is collected, kept and read by others.
/// </summary>
internal sealed class SetupLinkPrinter(IServiceScopeFactory scopes, AccountLinks links) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<Registrar>().RenewSetupLinkAsync(cancellationToken) is not { } issued)
            return;
        var rule = new string('─', 78);
        Console.Out.WriteLine($"""

            {rule}
              PersonalLLM runs at {links.Address}
              It has no administrator yet. Open this link once, before {issued.Invitation.ExpiresAt:yyyy-MM-dd HH:mm} UTC, to become the first:

              {links.ForInvitation(issued)}

              Starting again prints a fresh link and revokes this one.
            {rule}

            """);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
