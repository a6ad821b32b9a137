namespace PersonalLlm.Web.Features.Account;

/// <summary>A form in which a password is chosen. Identity judges the password; the page only compares the two.</summary>
internal sealed class NewPassword
{
    public string? Present { get; set; }
    public string? Password { get; set; }
    public string? Repeat { get; set; }
}
