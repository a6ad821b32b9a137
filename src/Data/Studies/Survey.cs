using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PersonalLlm.Data.Studies;

public enum SurveyQuestionKind
{
    /// <summary>One of the options.</summary>
    Choice,

    /// <summary>Any number of the options.</summary>
    Choices,

    /// <summary>1 … the number of options, which name the steps.</summary>
    Scale,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>The annotator's own words.</summary>
    Text,
}

/// <summary>A question of a study's survey. Every question may be answered with "prefer not to say".</summary>
/// <param name="Key">Names the answer in exports: lower case, digits and underscores; unique in the study.</param>
/// <param name="Why">Why it is asked, as annotators read it; may be empty.</param>
/// <param name="Options">What can be chosen; empty for numbers and own words.</param>
/// <param name="IsAfter">Asked after the ranking instead of before it.</param>
public sealed record SurveyQuestion(
    string Key, string Text, SurveyQuestionKind Kind, IReadOnlyList<string> Options, string Why = "", bool IsAfter = false);

/// <summary>What an annotator answered.</summary>
public sealed class SurveyAnswer
{
    public Guid AnnotatorId { get; init; }
    public Annotator? Annotator { get; init; }
    public required string QuestionKey { get; init; }

    /// <summary>The options or words given, a scale's step or a number in digits; empty for "prefer not to say".</summary>
    public required string[] Values { get; set; }

    public DateTimeOffset AnsweredAt { get; set; }
}

internal sealed class SurveyAnswerConfiguration : IEntityTypeConfiguration<SurveyAnswer>
{
    public void Configure(EntityTypeBuilder<SurveyAnswer> entity)
    {
        entity.HasKey(answer => new { answer.AnnotatorId, answer.QuestionKey });
        entity.Property(answer => answer.QuestionKey).HasMaxLength(60);
        entity.HasOne(answer => answer.Annotator).WithMany().OnDelete(DeleteBehavior.Cascade);
    }
}
