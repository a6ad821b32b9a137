using System.Reflection;
using PersonalLlm.Data;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Tests;

/// <summary>Who may know whom: Web knows Data and Engine, Data knows Engine, Engine knows nobody.</summary>
public sealed class FloorsTests
{
    private static readonly Assembly s_engine = typeof(Ranking).Assembly;
    private static readonly Assembly s_data = typeof(PersonalLlmDbContext).Assembly;

    [Theory]
    [InlineData("PersonalLlm.")]
    [InlineData("Microsoft.EntityFrameworkCore")]
    [InlineData("Microsoft.AspNetCore")]
    [InlineData("Microsoft.Extensions.")]
    [InlineData("Npgsql")]
    public void Engine_KnowsNobody(string stranger) => Assert.DoesNotContain(Known(s_engine), name => name.StartsWith(stranger, StringComparison.Ordinal));

    [Theory]
    [InlineData("PersonalLlm.Web")]
    [InlineData("Microsoft.AspNetCore.Components")]
    [InlineData("Microsoft.AspNetCore.Mvc")]
    [InlineData("Microsoft.AspNetCore.Http")]
    public void Data_KnowsNothingOfPages(string stranger) => Assert.DoesNotContain(Known(s_data), name => name.StartsWith(stranger, StringComparison.Ordinal));

    [Theory]
    [InlineData("Npgsql")]
    [InlineData("Microsoft.Data.SqlClient")]
    public void OnlyData_KnowsTheProvider(string provider) =>
        Assert.DoesNotContain(Known(typeof(Program).Assembly), name => name.StartsWith(provider, StringComparison.Ordinal));

    /// <summary>Features do not call each other: what two of them need goes down to a floor below, or aside to the shared parts of Web.</summary>
    [Fact]
    public void AFeatureOfWeb_DoesNotHoldOrTakeATypeOfAnotherFeature()
    {
        var types = typeof(Program).Assembly.GetTypes().Where(type => FeatureOf(type) is not null);
        var strangers = types.SelectMany(type => Met(type).Select(met => (Feature: FeatureOf(type), Type: type, Met: met)))
            // Everybody may ask who is signed in and what that person may do, and a feed is made for others to listen to.
            .Where(meeting => FeatureOf(meeting.Met) is { } other && other != meeting.Feature && other != "Account" && !meeting.Met.Name.EndsWith("Feed", StringComparison.Ordinal))
            .Select(meeting => $"{meeting.Type.FullName} knows {meeting.Met.FullName}")
            .Distinct();
        Assert.Equal("", string.Join("\n", strangers));
    }

    private static string[] Known(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    private static string? FeatureOf(Type type) =>
        type.Namespace is { } name && name.StartsWith("PersonalLlm.Web.Features.", StringComparison.Ordinal) ? name.Split('.')[3] : null;

    private static IEnumerable<Type> Met(Type type)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var fields = type.GetFields(all).Select(field => field.FieldType);
        var properties = type.GetProperties(all).Select(property => property.PropertyType);
        var parameters = type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all))
            .SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType);
        return fields.Concat(properties).Concat(parameters);
    }
}
