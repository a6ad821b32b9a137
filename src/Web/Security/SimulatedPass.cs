using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PersonalLlm.Web.Security;

/// <summary>
/// Lets one simulated participant into one rehearsal, whoever the study is open to, and marks them as simulated. Signed by this
/// installation and short-lived; the participant's id in it is unique in a study, so it lets in once.
/// </summary>
internal sealed class SimulatedPass(IDataProtectionProvider protection)
{
    /// <summary>The header of the requests that bring it.</summary>
    public const string Header = "Simulated-Participant";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);
    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("simulated participant").ToTimeLimitedDataProtector();

    public string Issue(int rehearsalId, string participantId) => protector.Protect($"{rehearsalId} {participantId}", Life);

    /// <summary>The participant's id when the request carries a pass for this rehearsal; null for everybody else.</summary>
    /// <param name="request">Any request of a participant.</param>
    /// <param name="studyId">The study that it is about.</param>
    /// <param name="rehearsalOfId">What that study tries out; a pass is good for nothing in a real study.</param>
    public string? ParticipantId(HttpRequest request, int studyId, int? rehearsalOfId)
    {
        if (rehearsalOfId is null || request.Headers[Header] is not [{ } pass])
            return null;
        try
        {
            return protector.Unprotect(pass).Split(' ', 2) is [var id, var participantId] && id == $"{studyId}" ? participantId : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
