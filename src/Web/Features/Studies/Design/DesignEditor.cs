namespace PersonalLlm.Web.Features.Studies.Design;

/// <summary>A design while somebody is changing it: what all sections of the page share.</summary>
/// <param name="design">What is edited.</param>
/// <param name="changed">Told after every change.</param>
public sealed class DesignEditor(StudyDesign design, Func<Task> changed)
{
    public StudyDesign Design { get; } = design;
    public PromptChoiceResult Prompts { get; set; } = PromptChoiceResult.None;
    public IReadOnlyList<DesignProblem> Problems { get; set; } = [];

    /// <summary>Nobody is told that the name is missing before they had a chance to type it.</summary>
    public bool ShowsProblems { get; set; }

    public IEnumerable<string> ProblemsOf(string field) =>
        ShowsProblems ? Problems.Where(problem => problem.Field == field).Select(problem => problem.Words) : [];

    public Task ChangeAsync(Action change)
    {
        change();
        return changed();
    }
}
