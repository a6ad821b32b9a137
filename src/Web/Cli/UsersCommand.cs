using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Web.Features.Account;

namespace PersonalLlm.Web.Cli;

/// <summary>The accounts, from the console of the machine: the way in when nobody can sign in.</summary>
internal static class UsersCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create() =>
        new("users", "List accounts, invite people, give somebody a link for a new password.") { List(), Invite(), ResetPassword() };

    private static Command List()
    {
        var json = new Option<string?>("--json") { Description = "Write the accounts as JSON; - is standard output.", HelpName = "file" };
        var command = new Command("list", "List the accounts, their roles and how they sign in.") { json };
        command.SetAction((parsed, cancellationToken) => WithDatabase.RunAsync(async (services, cancellationToken) =>
        {
            var people = await services.GetRequiredService<PeopleKeeper>().ListAsync(cancellationToken: cancellationToken);
            if (parsed.GetValue(json) is { } file)
                return await CliOutput.WriteAsync(file, stream => JsonSerializer.SerializeAsync(stream, people, s_json, cancellationToken));
            if (people.Count == 0)
                Console.Out.WriteLine("Nobody has an account yet.");
            foreach (var person in people)
                Console.Out.WriteLine(InWords(person));
            return 0;
        }, cancellationToken));
        return command;
    }

    private static Command Invite()
    {
        var role = new Option<string>("--role") { Description = "What the new account may do.", HelpName = string.Join('|', Roles.All), Required = true };
        role.AcceptOnlyFromAmong([.. Roles.All]);
        var note = new Option<string>("--note") { Description = "By what you recognise the link in the list of open ones.", HelpName = "text", DefaultValueFactory = _ => "" };
        var command = new Command("invite", "Print a link that makes one account.") { role, note };
        command.SetAction((parsed, cancellationToken) => WithDatabase.RunAsync(async (services, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(note).Trim();
            if (text.Length > 200)
                return CliOutput.Refuse("A note has at most 200 characters.");
            var issued = await services.GetRequiredService<Registrar>().InviteAsync(parsed.GetRequiredValue(role), text, cancellationToken: cancellationToken);
            Console.Out.WriteLine(services.GetRequiredService<AccountLinks>().ForInvitation(issued));
            return 0;
        }, cancellationToken));
        return command;
    }

    private static Command ResetPassword()
    {
        var email = new Argument<string>("e-mail") { Description = "Whose password is to be chosen anew." };
        var command = new Command("reset-password", "Print a link with which somebody chooses a new password; it works once, for a day.") { email };
        command.SetAction((parsed, cancellationToken) => WithDatabase.RunAsync(async (services, cancellationToken) =>
        {
            var address = parsed.GetRequiredValue(email);
            if (await services.GetRequiredService<PeopleKeeper>().PasswordResetAsync(address) is not { } reset)
                return CliOutput.Refuse($"Nobody has an account with the e-mail address {address}.");
            Console.Out.WriteLine(services.GetRequiredService<AccountLinks>().ForPasswordReset(reset.Person, reset.Token));
            return 0;
        }, cancellationToken));
        return command;
    }

    private static string InWords(PersonSummary person) => string.Join("  ",
        person.Email,
        person.Roles.Count > 0 ? string.Join('+', person.Roles) : "no role",
        person.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        person.IsLocked ? "locked" : "open");
}
