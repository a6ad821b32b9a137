using Microsoft.AspNetCore.Identity;

namespace PersonalLlm.Data.Accounts;

/// <summary>Somebody who can sign in. Judgements never point here but at an <see cref="Studies.Annotator"/>, a pseudonym per study.</summary>
public sealed class ApplicationUser : IdentityUser<Guid>
{
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>The three roles; a higher one does not imply a lower one in the database, the policies say who may do what.</summary>
public static class Roles
{
    public const string Annotator = "annotator";
    public const string Researcher = "researcher";
    public const string Admin = "admin";
    public static IReadOnlyList<string> All { get; } = [Annotator, Researcher, Admin];
}
