using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Account;

/// <summary>Section <c>Account</c> of the settings.</summary>
internal sealed class AccountOptions
{
    /// <summary>The address people type, e.g. https://personalllm.example.org; empty means the address the program listens on.</summary>
    public string PublicAddress { get; set; } = "";

    [Range(1, 24 * 30)]
    public int SetupLinkHours { get; set; } = 24;

    [Range(1, 365)]
    public int InvitationDays { get; set; } = 14;

    [Range(1, 100)]
    public int WrongPasswordsBeforeLock { get; set; } = 5;

    [Range(1, 24 * 60)]
    public int LockMinutes { get; set; } = 15;

    /// <summary>Forms that check a secret (sign-in, codes, links) per address and minute.</summary>
    [Range(1, 100_000)]
    public int AttemptsPerMinute { get; set; } = 60;
}
