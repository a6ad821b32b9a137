using System.Text.Json;
using Microsoft.Extensions.Configuration;
using PersonalLlm.Testing;

namespace PersonalLlm.Web.Tests;

/// <summary>The root appsettings.json shows every setting with its default, so it can be read instead of the code.</summary>
public sealed class SettingsTests
{
    private static readonly IConfigurationRoot s_settings =
        new ConfigurationBuilder().AddJsonFile(Path.Combine(Checkout.Folder, "appsettings.json")).Build();

    public static TheoryData<Type> OptionsOfTheFeatures => [.. typeof(Program).Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false, IsNested: false } && type.Name.EndsWith("Options", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(OptionsOfTheFeatures))]
    public void EverySetting_IsShownWithItsDefault(Type options)
    {
        var noun = options.Name[..^"Options".Length];
        var section = new[] { noun, noun + "s" }.Select(s_settings.GetSection).FirstOrDefault(section => section.Exists());
        Assert.True(section is not null, $"appsettings.json has no section {noun} or {noun}s.");
        Assert.Equal(
            options.GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(),
            section.GetChildren().Select(setting => setting.Key).Order());
        Assert.Equal(JsonSerializer.Serialize(Activator.CreateInstance(options)), JsonSerializer.Serialize(section.Get(options)));
    }
}
