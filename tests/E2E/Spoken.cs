using System.Text.Json;
using Microsoft.Playwright;

namespace PersonalLlm.E2E;

/// <summary>A page as a screen reader is told of it: the browser's own accessibility tree, in reading order.</summary>
internal sealed record Spoken(IReadOnlyList<SpokenNode> Nodes)
{
    private static readonly HashSet<string> s_controls =
        ["button", "link", "textbox", "combobox", "checkbox", "radio", "slider", "spinbutton", "searchbox", "switch", "listbox", "menuitem", "tab", "progressbar", "MenuListPopup", "PopUpButton", "ComboBoxSelect"];

    private static readonly HashSet<string> s_landmarks = ["banner", "main", "navigation", "contentinfo", "region", "form", "complementary"];

    public static async Task<Spoken> OfAsync(IPage page)
    {
        var browser = await page.Context.NewCDPSessionAsync(page);
        var tree = (await browser.SendAsync("Accessibility.getFullAXTree"))!.Value;
        await browser.DetachAsync();
        var byId = tree.GetProperty("nodes").EnumerateArray().ToDictionary(node => node.GetProperty("nodeId").GetString()!);
        var nodes = new List<SpokenNode>();
        var root = tree.GetProperty("nodes")[0].GetProperty("nodeId").GetString()!;
        Walk(root, null);
        return new(nodes);

        void Walk(string id, string? live)
        {
            if (!byId.TryGetValue(id, out var node))
                return;
            live = Property(node, "live") is { } own and not "off" ? own : live;
            if (!node.GetProperty("ignored").GetBoolean())
                nodes.Add(new(Value(node, "role"), Value(node, "name").Replace(" ,", ",", StringComparison.Ordinal), Value(node, "value"), Property(node, "level") is { } level ? int.Parse(level, null) : 0, live, Property(node, "focusable") == "true"));
            foreach (var child in node.GetProperty("childIds").EnumerateArray())
                Walk(child.GetString()!, live);
        }
    }

    public IEnumerable<SpokenNode> Controls => Nodes.Where(node => s_controls.Contains(node.Role));
    public IEnumerable<SpokenNode> Headings => Nodes.Where(node => node.Role == "heading");
    public IEnumerable<SpokenNode> Landmarks => Nodes.Where(node => s_landmarks.Contains(node.Role));

    /// <summary>What is said by itself when it changes.</summary>
    public string Announced => string.Join(' ', Nodes.Where(node => node is { Live: not null, Role: "StaticText" }).Select(node => node.Name));

    /// <summary>What must be true of every page: everything has a name, one main part, one first heading, and no level of headings is jumped over.</summary>
    public void AssertInOrder(string where)
    {
        Assert.All(Controls, control => Assert.True(control.Name.Trim() != "", $"{where}: a {control.Role} has no name."));
        Assert.All(Nodes.Where(node => node is { IsFocusable: true } && node.Role is not ("RootWebArea" or "generic" or "main" or "code" or "alert" or "status")), node =>
            Assert.True(node.Name.Trim() != "", $"{where}: something that takes the focus, a {node.Role}, has no name."));
        Assert.Single(Landmarks, landmark => landmark.Role == "main");
        Assert.Single(Landmarks, landmark => landmark.Role == "banner");
        Assert.Single(Headings, heading => heading.Level == 1);
        var before = 0;
        foreach (var heading in Headings)
        {
            Assert.True(heading.Level <= before + 1, $"{where}: the heading “{heading.Name}” of level {heading.Level} follows one of level {before}.");
            before = heading.Level;
        }
        var repeated = Landmarks.Where(landmark => landmark.Role is "region" or "navigation").GroupBy(landmark => (landmark.Role, landmark.Name)).Where(same => same.Count() > 1);
        Assert.Empty(repeated.Select(same => same.Key));
    }

    private static string Value(JsonElement node, string name) =>
        node.TryGetProperty(name, out var property) && property.TryGetProperty("value", out var value) ? value.ToString() : "";

    private static string? Property(JsonElement node, string name)
    {
        if (!node.TryGetProperty("properties", out var properties))
            return null;
        foreach (var property in properties.EnumerateArray())
        {
            if (property.GetProperty("name").GetString() == name && property.GetProperty("value").TryGetProperty("value", out var value))
                return value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => value.ToString() };
        }
        return null;
    }
}

/// <param name="Level">Of a heading; else 0.</param>
/// <param name="Live">How its changes are said: polite or assertive; null when they are not.</param>
internal sealed record SpokenNode(string Role, string Name, string Value, int Level, string? Live, bool IsFocusable);
