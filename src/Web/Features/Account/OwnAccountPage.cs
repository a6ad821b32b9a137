using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Features.Account;

/// <summary>A page on which somebody looks after their own account.</summary>
public abstract class OwnAccountPage : ComponentBase
{
    [Inject] protected UserManager<ApplicationUser> People { get; set; } = default!;
    [Inject] protected SignInManager<ApplicationUser> SignIn { get; set; } = default!;
    [Inject] protected NavigationManager Navigation { get; set; } = default!;
    [CascadingParameter] protected HttpContext Http { get; set; } = default!;

    protected ApplicationUser Person { get; private set; } = default!;

    protected override async Task OnInitializedAsync() =>
        Person = await People.GetUserAsync(Http.User)
            ?? throw new InvalidOperationException("The account that is signed in does not exist any more.");

    /// <summary>The security stamp has changed: this browser stays signed in, every other one is asked again.</summary>
    protected Task StaySignedInAsync() => SignIn.RefreshSignInAsync(Person);
}
