using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>What a design will take and give, as far as it can be told before anybody came.</summary>
/// <param name="Judgements">Votes: repeats and attention checks not counted.</param>
/// <param name="People">Who judge all of their prompts; more are needed when some stop early.</param>
/// <param name="ItemsPerPerson">Repeats and attention checks included.</param>
/// <param name="PerPerson">At reading speed: see <see cref="ReadingTime"/>.</param>
/// <param name="WinShareWidth">Of the 95 % interval around how often a response model comes first, if all were liked equally.</param>
internal sealed record StudyForecast(long Judgements, long People, int ItemsPerPerson, TimeSpan PerPerson, double WinShareWidth)
{
    private static readonly TimeSpan s_practice = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_question = TimeSpan.FromSeconds(10);

    /// <summary>Null when the design has no prompt yet.</summary>
    public static StudyForecast? Of(StudyDesign design, PromptChoiceResult prompts)
    {
        if (prompts.Count == 0 || design.Overlap < 1)
            return null;
        var own = Math.Clamp(design.Assignment.PromptsPerAnnotator ?? prompts.Count, 1, prompts.Count);
        var judgements = (long)prompts.Count * design.Overlap;
        var people = Math.Max(design.Overlap, (judgements + own - 1) / own);
        var shown = Math.Clamp(design.Assignment.ResponsesPerPrompt ?? prompts.Responses, 1, prompts.Responses);
        var checks = design.AttentionChecks.Count;
        var prompted = SessionPlan.ItemsOf(design.Assignment, prompts.Count, checks) - checks;
        var time = prompted * ReadingTime.OfItem(prompts.PromptCharacters + shown * prompts.ResponseCharacters);
        foreach (var check in design.AttentionChecks)
            time += ReadingTime.OfItem(check.Prompt.Length + check.Responses.Sum(response => response.Length));
        time += ReadingTime.Of(design.Instructions.Length + design.ConsentText.Length) + design.Survey.Count * s_question;
        if (design.HasPractice)
            time += s_practice;
        // A model's response is among those shown in so many of the judgements; where it is, it comes first once in so many times.
        var isShown = shown / prompts.Responses;
        return new(judgements, people, prompted + checks, time,
            WinSharePrecision.IntervalWidth(judgements * isShown, judgements * isShown / people, 1 / shown));
    }

    public double Cost(double hourlyWage) => People * PerPerson.TotalHours * hourlyWage;
}
