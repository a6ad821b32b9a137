using Microsoft.EntityFrameworkCore;

namespace PersonalLlm.Data.Datasets;

public static class PromptQueries
{
    /// <summary>The prompts whose text contains the words as they stand, in upper or lower case.</summary>
    public static IQueryable<Prompt> Containing(this IQueryable<Prompt> prompts, string words)
    {
        var pattern = $"%{words.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
        return prompts.Where(prompt => EF.Functions.ILike(prompt.Text, pattern, "\\"));
    }
}
