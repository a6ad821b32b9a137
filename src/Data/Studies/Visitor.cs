namespace PersonalLlm.Data.Studies;

/// <summary>Who is asking: an account, or the annotators that this browser became without one. Nobody when both are missing.</summary>
/// <param name="UserId"><see cref="Guid.Empty"/> for nobody; no row has that id.</param>
/// <param name="AnnotatorIds">Proven by the participant cookie, one for each study joined in this browser.</param>
public sealed record Visitor(Guid UserId, IReadOnlyList<Guid> AnnotatorIds)
{
    public Visitor(Guid userId) : this(userId, []) { }
}

public static class VisitorQueries
{
    /// <summary>Those annotators that the visitor is, and that have not withdrawn.</summary>
    public static IQueryable<Annotator> Of(this IQueryable<Annotator> annotators, Visitor visitor)
    {
        var (userId, annotatorIds) = visitor;
        return annotators.Where(annotator => annotator.WithdrawnAt == null && (annotator.UserId == userId || annotatorIds.Contains(annotator.Id)));
    }

    /// <summary>Those assignments that the visitor has in hand or did.</summary>
    public static IQueryable<Assignment> Of(this IQueryable<Assignment> assignments, Visitor visitor)
    {
        var (userId, annotatorIds) = visitor;
        return assignments.Where(assignment => assignment.Annotator!.WithdrawnAt == null
            && (assignment.Annotator.UserId == userId || annotatorIds.Contains(assignment.AnnotatorId)));
    }
}
