using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Engine.Judgements;
using PersonalLlm.Engine.Studies;
using PersonalLlm.Web.Chat;

namespace PersonalLlm.Web.Features.Population.Personas;

/// <summary>One question of a dry run.</summary>
/// <param name="Sent">Every message, exactly as sent.</param>
/// <param name="Answer">What the chat model said; null when it did not answer.</param>
/// <param name="Read">What was read from it, in words.</param>
/// <param name="IsUsable">Whether the answer names a response.</param>
internal sealed record PersonaTrialLine(int PromptIndex, IReadOnlyList<(string Role, string Text)> Sent, string? Answer, string Read, bool IsUsable, long InputTokens, long OutputTokens, TimeSpan Took);

/// <summary>A dry run: one persona, a few prompts, nothing kept.</summary>
internal sealed class PersonaTrial(IDbContextFactory<PersonalLlmDbContext> contexts, PersonaChat chat)
{
    public const int Questions = 5;

    /// <summary>Asks the first persona of a task about the first prompts of its sample.</summary>
    public async Task<IReadOnlyList<PersonaTrialLine>> RunAsync(PersonaTask task, CancellationToken cancellation = default)
    {
        int prompts;
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
            prompts = await context.Prompts.CountAsync(prompt => prompt.DatasetId == task.DatasetId, cancellation);
        var lines = new List<PersonaTrialLine>();
        foreach (var prompt in await PersonaKeeper.PromptsAsync(contexts, task.DatasetId, [.. PromptSample.Draw(prompts, task.Prompts, task.Seed).Take(Questions)], cancellation))
        {
            lines.Add(await AskAsync(task, prompt, cancellation));
            if (lines[^1].Answer is null)
                break;
        }
        return lines;
    }

    private async Task<PersonaTrialLine> AskAsync(PersonaTask task, PersonaPrompt prompt, CancellationToken cancellation)
    {
        var order = PersonaQuestion.OrderOf(prompt, 0, task.Seed);
        var messages = PersonaQuestion.Make(PersonaQuestion.Instruction, task.Personas[0].Text, prompt, order);
        (string, string)[] sent = [.. messages.Select(message => (message.Role.Value, message.Text))];
        var start = Stopwatch.GetTimestamp();
        try
        {
            var answer = await chat.AskAsync(messages, cancellation: cancellation);
            var place = PersonaQuestion.Parse(answer.Text, order.Length);
            var read = place is null
                ? "Unusable: it is not one of the letters alone."
                : $"{Ranking.Letter(place.Value)}, which is response {Ranking.Letter(order[place.Value])} of the data set.";
            return new(prompt.PromptIndex, sent, answer.Text, read, place is not null, answer.InputTokens, answer.OutputTokens, Stopwatch.GetElapsedTime(start));
        }
        catch (ChatEndpointException refused)
        {
            return new(prompt.PromptIndex, sent, null, refused.Message, false, 0, 0, Stopwatch.GetElapsedTime(start));
        }
    }
}
