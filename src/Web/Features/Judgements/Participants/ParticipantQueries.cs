using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Web.Features.Judgements.Participants;

internal static class ParticipantQueries
{
    /// <summary>What people agree to now; null when the study asks for no consent.</summary>
    public static Task<ConsentText?> ConsentTextAsync(this PersonalLlmDbContext data, int studyId, CancellationToken cancellation) =>
        data.ConsentTexts.AsNoTracking().Where(text => text.StudyId == studyId).OrderByDescending(text => text.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>True when nobody else may join now.</summary>
    public static async Task<bool> HasReachedQuotaAsync(
        this PersonalLlmDbContext data, Study study, DateTimeOffset now, TimeSpan lease, CancellationToken cancellation) =>
        study.Quota is { } quota && await data.TakingPart(study.Id, now, lease).CountAsync(cancellation) >= quota;
}
