using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Studies;
using PersonalLlm.Web.Features.Account;
using PersonalLlm.Web.Security;

namespace PersonalLlm.Web.Features.Judgements.Participants;

/// <summary>Somebody at the door of a study, before they agreed to anything; nothing of it is stored.</summary>
/// <param name="AnnotatorId">The pseudonym they will have, so that agreeing twice makes one annotator.</param>
/// <param name="ParticipantId">The recruitment platform's id for the person; null for others.</param>
/// <param name="SessionId">The recruitment platform's id for this visit; null when there is none.</param>
/// <param name="IsSimulated">True for a simulated participant of a rehearsal.</param>
internal sealed record Arrival(Guid AnnotatorId, string? ParticipantId = null, string? SessionId = null, bool IsSimulated = false);

/// <summary>What the link says about who comes.</summary>
internal abstract record ArrivalOutcome
{
    private ArrivalOutcome() { }

    public sealed record Known(Arrival Arrival) : ArrivalOutcome;

    /// <param name="Parameter">What is missing, empty, or still the platform's placeholder.</param>
    public sealed record Missing(string Parameter) : ArrivalOutcome;

    /// <param name="Parameter">What is too long, given twice, or has signs that no id has.</param>
    public sealed record Malformed(string Parameter) : ArrivalOutcome;

    /// <summary>The link is the platform's for another study.</summary>
    public sealed record OtherStudy : ArrivalOutcome;
}

/// <summary>Reads links of recruitment platforms, and carries what they say through the consent form so that nobody can alter it there.</summary>
internal sealed partial class ArrivalReader(IDataProtectionProvider protection, SimulatedPass pass)
{
    /// <summary>Parameter of our own links that carries a sealed arrival.</summary>
    public const string Parameter = "arrival";

    public ArrivalOutcome Read(Study study, HttpRequest request)
    {
        var query = request.Query;
        if (pass.ParticipantId(request, study.Id, study.RehearsalOfId) is { } simulated)
            return new ArrivalOutcome.Known(new(Guid.CreateVersion7(), simulated, IsSimulated: true));
        if (Open(study.Code, query[Parameter]) is { } carried)
            return new ArrivalOutcome.Known(carried);
        if (study.Access != StudyAccess.Platform)
            return new ArrivalOutcome.Known(new(Guid.CreateVersion7()));
        var link = study.Platform;
        // Whoever previews a study comes from no platform.
        if (study.RehearsalOfId is not null && request.HttpContext.User is { } person && (person.IsInRole(Roles.Researcher) || person.IsInRole(Roles.Admin))
            && !query.ContainsKey(link.ParticipantParameter))
            return new ArrivalOutcome.Known(new(Guid.CreateVersion7(), $"preview-{person.AsVisitor().UserId}"));
        if (ReadId(query, link.ParticipantParameter, out var participantId) is { } noParticipant)
            return noParticipant;
        // A platform may have no sessions; a session that is there has to be one.
        if (ReadId(query, link.SessionParameter, out var sessionId) is ArrivalOutcome.Malformed noSession)
            return noSession;
        if (link.StudyId.Length > 0 && (ReadId(query, link.StudyParameter, out var studyId) is not null || studyId != link.StudyId))
            return new ArrivalOutcome.OtherStudy();
        return new ArrivalOutcome.Known(new(Guid.CreateVersion7(), participantId, sessionId));
    }

    public string Seal(string studyCode, Arrival arrival) => Protector(studyCode).Protect(JsonSerializer.Serialize(arrival));

    /// <summary>Null for anything that was not sealed here for this study.</summary>
    public Arrival? Open(string studyCode, string? carried)
    {
        try
        {
            return string.IsNullOrEmpty(carried) ? null : JsonSerializer.Deserialize<Arrival>(Protector(studyCode).Unprotect(carried));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string studyCode) => protection.CreateProtector("arrival", studyCode);

    /// <summary>Why there is no id; null when there is one.</summary>
    private static ArrivalOutcome? ReadId(IQueryCollection query, string parameter, out string? id)
    {
        id = null;
        var values = parameter.Length == 0 ? [] : query[parameter];
        if (values.Count > 1)
            return new ArrivalOutcome.Malformed(parameter);
        var value = values.ToString().Trim();
        // "{{%PROLIFIC_PID%}}" is what a platform's own preview leaves in the link.
        if (value.Length == 0 || value.StartsWith('{'))
            return new ArrivalOutcome.Missing(parameter);
        if (!Id().IsMatch(value))
            return new ArrivalOutcome.Malformed(parameter);
        id = value;
        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.:@+/=~|-]{1,200}\z")]
    private static partial Regex Id();
}
