using System.Globalization;

namespace PersonalLlm.Web.Components.Shared;

/// <summary>
/// A number in an address. Pages take it as text: Blazor answers a mistyped number with an error of the server, and here it counts as left out.
/// </summary>
internal static class AddressNumber
{
    public static int? Parse(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
