namespace PersonalLlm.Data.Studies;

public static class StudyQueries
{
    /// <summary>Without rehearsals, which are nobody's business but their study's.</summary>
    public static IQueryable<Study> Real(this IQueryable<Study> studies) => studies.Where(study => study.RehearsalOfId == null);
}
