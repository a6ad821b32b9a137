namespace PersonalLlm.Web.Security;

/// <summary>PostgreSQL texts cannot hold U+0000 and no link has it, so an address with it leads nowhere.</summary>
internal static class NulRefusal
{
    public static IApplicationBuilder UseNulRefusal(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!context.Request.Path.Value!.Contains('\0') && !context.Request.QueryString.Value!.Contains("%00", StringComparison.Ordinal))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}
