using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace PersonalLlm.Web.Features.Studies.Rehearsals;

/// <summary>A form of a page as a browser would send it: what is filled in already, what is changed, and one button.</summary>
internal sealed class PageForm
{
    private readonly IHtmlFormElement form;
    private readonly List<(string Name, string Value)> fields = [];

    public PageForm(IHtmlFormElement form)
    {
        this.form = form;
        foreach (var element in Elements)
        {
            switch (element)
            {
                case IHtmlInputElement { Type: "checkbox" or "radio" } choice when choice.IsChecked:
                    fields.Add((choice.Name!, choice.HasAttribute("value") ? choice.Value : "on"));
                    break;
                case IHtmlInputElement { Type: not ("checkbox" or "radio" or "submit" or "button" or "image" or "reset" or "file") } input:
                    fields.Add((input.Name!, input.Value));
                    break;
                case IHtmlSelectElement select:
                    fields.Add((select.Name!, select.Options.FirstOrDefault(option => option.IsSelected)?.Value ?? ""));
                    break;
                case IHtmlTextAreaElement area:
                    fields.Add((area.Name!, area.Value));
                    break;
            }
        }
    }

    public IReadOnlyList<(string Name, string Value)> Fields => fields;

    /// <summary>Where it goes; empty for the page it stands on.</summary>
    public string Action => form.GetAttribute("action") ?? "";

    public IEnumerable<IElement> Elements =>
        form.Elements.Where(element => !string.IsNullOrEmpty(element.GetAttribute("name")) && !element.HasAttribute("disabled"));

    public string? Attribute(string name) => form.GetAttribute(name);

    public string? Value(string name) => fields.Find(field => field.Name == name).Value;

    /// <summary>The values that radio buttons or checkboxes of a name offer.</summary>
    public IReadOnlyList<string> Choices(string name) => [.. Elements.OfType<IHtmlInputElement>().Where(input => input.Name == name && input.Type is "radio" or "checkbox").Select(input => input.Value)];

    public bool Has(string name) => Elements.Any(element => element.GetAttribute("name") == name);

    /// <summary>Puts these values in the place of all of a name; none of them leaves it out, as an empty checkbox does.</summary>
    public PageForm Set(string name, params IEnumerable<string> values)
    {
        fields.RemoveAll(field => field.Name == name);
        fields.AddRange(values.Select(value => (name, value)));
        return this;
    }

    public FormUrlEncodedContent ToContent() => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
