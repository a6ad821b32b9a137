using System.Text.Json;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>Who a persona is.</summary>
/// <param name="Name">Unique among those played together.</param>
/// <param name="Text">As the chat model reads it.</param>
internal sealed record PersonaText(string Name, string Text);

/// <summary>Persona texts of our own; see the README beside them.</summary>
internal static class PersonaLibrary
{
    public static IReadOnlyList<PersonaText> Texts { get; } = Read();

    private static PersonaText[] Read()
    {
        using var stream = typeof(PersonaLibrary).Assembly.GetManifestResourceStream("PersonalLlm.Web.Features.Population.Personas.Library.personas.json")!;
        return JsonSerializer.Deserialize<PersonaText[]>(stream, JsonSerializerOptions.Web)!;
    }
}
