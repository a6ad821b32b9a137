using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;

namespace PersonalLlm.Web.Security;

/// <summary>A refusal without words gets a page that explains it; a script that asks the interface gets only the number.</summary>
internal static class StatusPages
{
    public static IApplicationBuilder UseStatusPages(this IApplicationBuilder app) => app.UseWhen(
        context => !context.Request.Path.StartsWithSegments("/api"),
        pages => pages
            .UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true)
            .Use(PrepareAsync));

    private static async Task PrepareAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            // The page that explains is read, whatever was sent; a form that was refused must not be looked at again.
            context.Request.Method = HttpMethods.Get;
            context.Features.Set<IAntiforgeryValidationFeature>(null);
        }

        await next(context);
        // Blazor names a content type before it refuses a form, and an answer that has one counts as written.
        if (context.Response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentLength: null or 0 } refusal)
            refusal.ContentType = null;
    }
}
