using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>Writes links to this application for people who are not in it yet.</summary>
internal sealed class AccountLinks(IServer server, IConfiguration configuration, IOptions<AccountOptions> options)
{
    /// <summary>Where people reach the application, without a slash at the end.</summary>
    public string Address
    {
        get
        {
            if (options.Value.PublicAddress is { Length: > 0 } address)
                return address.TrimEnd('/');
            var listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
                ?? configuration["urls"]?.Split(';')[0]
                ?? "http://localhost:5000";
            return ForPeople(listening);
        }
    }

    /// <param name="issued">The invitation and its secret.</param>
    /// <param name="reachedAt">The address at which the asking person reached us, where there is one.</param>
    public string ForInvitation(IssuedInvitation issued, string? reachedAt = null) =>
        $"{AddressOr(reachedAt)}/account/{(issued.Invitation.IsFirstAdmin ? "setup" : "join")}?key={issued.Secret}";

    public string ForPasswordReset(ApplicationUser person, string token, string? reachedAt = null) =>
        $"{AddressOr(reachedAt)}/account/reset?id={person.Id}&token={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token))}";

    private string AddressOr(string? reachedAt) =>
        reachedAt is null || options.Value.PublicAddress.Length > 0 ? Address : reachedAt.TrimEnd('/');

    /// <summary>The token of a link for a new password; empty when the link was mangled.</summary>
    public static string ReadToken(string? token) =>
        Base64Url.IsValid(token) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)) : "";

    // Passkeys belong to a name, never to a number such as 127.0.0.1.
    private static string ForPeople(string listening)
    {
        var address = BindingAddress.Parse(listening);
        var host = address.Host is "127.0.0.1" or "0.0.0.0" or "[::]" or "[::1]" or "*" or "+" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}{address.PathBase}";
    }
}
