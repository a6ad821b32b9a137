using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;

namespace PersonalLlm.Web.Database;

/// <summary>Keeps the keys of cookies and forms in the database, where every instance and every restart finds them.</summary>
internal sealed class DataProtectionKeyStore(IServiceProvider services) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = CreateContext();
        return [.. context.DataProtectionKeys.AsNoTracking().OrderBy(key => key.Id).Select(key => key.Xml).AsEnumerable().Select(xml => XElement.Parse(xml))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var context = CreateContext();
        context.DataProtectionKeys.Add(new DataProtectionKey { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        context.SaveChanges();
    }

    // Data protection is wired before the database is started, so the factory is asked for at first use.
    private PersonalLlmDbContext CreateContext() =>
        services.GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext();
}
