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

    // Before the first rendering, which a wait in OnInitializedAsync would let pass.
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        Person = await People.GetUserAsync(Http.User)
            ?? throw new InvalidOperationException("The account that is signed in does not exist any more.");
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>The security stamp has changed: this browser stays signed in, every other one is asked again.</summary>
    protected Task StaySignedInAsync() => SignIn.RefreshSignInAsync(Person);
}
