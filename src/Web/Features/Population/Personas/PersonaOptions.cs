using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>Settings of the section "Personas": the chat model that plays personas. Without an endpoint there is none.</summary>
internal sealed class PersonaOptions : IValidatableObject
{
    /// <summary>Base address of an endpoint that speaks OpenAI's chat completions, such as http://localhost:8000/v1.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>As the endpoint names it.</summary>
    public string Model { get; set; } = "";

    /// <summary>A secret: set Personas__ApiKey in the environment, never a file of the project. Empty where the endpoint asks for none.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Requests on their way at the same time.</summary>
    [Range(1, 256)]
    public int MaximumConcurrency { get; set; } = 4;

    /// <summary>For one answer.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>How often a question is asked again when the endpoint fails.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 5;

    /// <summary>Of an answer; one letter is asked for, but some models think aloud first.</summary>
    [Range(1, 100_000)]
    public int MaximumTokens { get; set; } = 16;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint.Length > 0 && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            yield return new ValidationResult("Personas:Endpoint must be an address that begins with http:// or https://, such as http://localhost:8000/v1.");
        if (Endpoint.Length > 0 != Model.Length > 0)
            yield return new ValidationResult("Personas:Endpoint and Personas:Model belong together; set both, or neither.");
    }
}
