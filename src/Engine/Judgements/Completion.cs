using System.Globalization;

namespace PersonalLlm.Engine.Judgements;

/// <summary>Whether an answer is finished: the answer as it is kept, or why not.</summary>
/// <param name="Answer">In positions, with the ranking that its scores imply; null when something is missing or wrong.</param>
/// <param name="Problems">One sentence each; empty when the answer is finished.</param>
/// <param name="MissingPositions">0-based positions about which something must still be said, ascending.</param>
public sealed record Completion(Answer? Answer, IReadOnlyList<AnswerProblem> Problems, IReadOnlyList<int> MissingPositions);

/// <summary>One sentence to an annotator about their answer, in parts, so that it can be said in other languages.</summary>
/// <param name="Pattern">English, with a place for each argument: <c>"Still without a rank: {0}."</c></param>
/// <param name="Arguments">Letters, numbers or words of the study.</param>
public sealed record AnswerProblem(string Pattern, params IReadOnlyList<string> Arguments)
{
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, Pattern, [.. Arguments]);
}
