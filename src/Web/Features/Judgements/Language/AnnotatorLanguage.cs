using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PersonalLlm.Data;

namespace PersonalLlm.Web.Features.Judgements.Language;

/// <summary>
/// Which language an annotator's page speaks: the study's, if it has one; else what the person chose (<c>?lang=de</c>, remembered
/// in a cookie); else what the browser asks for; else English. Everybody else's pages are English.
/// </summary>
internal static class AnnotatorLanguage
{
    public const string Parameter = "lang";
    private const string Cookie = "language";

    /// <summary>By their own names.</summary>
    public static IReadOnlyList<CultureInfo> All { get; } = [CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("de")];

    public static IServiceCollection AddAnnotatorLanguage(this IServiceCollection services) => services.AddLocalization().AddMemoryCache();

    public static IApplicationBuilder UseAnnotatorLanguage(this IApplicationBuilder app) => app.UseWhen(
        http => PathOf(http).StartsWithSegments("/s"),
        pages => pages
            .UseRequestLocalization(new RequestLocalizationOptions
            {
                DefaultRequestCulture = new(All[0]),
                SupportedCultures = [.. All],
                SupportedUICultures = [.. All],
                RequestCultureProviders =
                [
                    new LanguageOfTheStudy(),
                    new QueryStringRequestCultureProvider { QueryStringKey = Parameter, UIQueryStringKey = Parameter },
                    new CookieRequestCultureProvider { CookieName = Cookie },
                    new AcceptLanguageHeaderRequestCultureProvider(),
                ],
                ApplyCurrentCultureToResponseHeaders = true,
            })
            .Use(RememberAsync));

    /// <summary>True when the study speaks one language and there is nothing to choose.</summary>
    public static bool IsLanguageFixed(this HttpContext http) => http.Features.Get<IRequestCultureFeature>()?.Provider is LanguageOfTheStudy;

    /// <summary>The path that was asked for, also while a page is shown that explains why it was refused.</summary>
    private static PathString PathOf(HttpContext http) => http.Features.Get<IStatusCodeReExecuteFeature>()?.OriginalPath
        ?? http.Features.Get<IExceptionHandlerPathFeature>()?.Path
        ?? http.Request.Path;

    private static Task RememberAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IRequestCultureFeature>() is { Provider: QueryStringRequestCultureProvider } chosen)
            http.Response.Cookies.Append(Cookie, CookieRequestCultureProvider.MakeCookieValue(chosen.RequestCulture), new()
            {
                Path = "/s",
                MaxAge = TimeSpan.FromDays(365),
                SameSite = SameSiteMode.Lax,
                HttpOnly = true,
                Secure = http.Request.IsHttps,
                IsEssential = true,
            });
        return next(http);
    }

    private sealed class LanguageOfTheStudy : RequestCultureProvider
    {
        // A study's language is settled before anybody meets it; a researcher who changes it sees so at once, or nearly.
        private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);

        public override async Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext http)
        {
            // A page that says that the database is away must not ask it.
            if (http.Features.Get<IExceptionHandlerPathFeature>() is not null)
                return null;
            var code = PathOf(http).Value!.Split('/', 4)[2..] is [var segment, ..] ? segment : "";
            var cache = http.RequestServices.GetRequiredService<IMemoryCache>();
            if (!cache.TryGetValue((typeof(LanguageOfTheStudy), code), out string? language))
            {
                await using var data = await http.RequestServices.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContextAsync(http.RequestAborted);
                language = await data.Studies.Where(study => study.Code == code).Select(study => study.Language).SingleOrDefaultAsync(http.RequestAborted);
                if (language is not null)
                    cache.Set((typeof(LanguageOfTheStudy), code), language, s_fresh);
            }
            return string.IsNullOrEmpty(language) ? null : new(language);
        }
    }
}
