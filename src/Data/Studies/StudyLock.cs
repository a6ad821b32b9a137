using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Engine.Population;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Data.Studies;

/// <summary>Writes a study's design down as one text and its hash, so that anyone can later tell under which design a judgement was made.</summary>
public static class StudyLock
{
    /// <summary>Names the shape of the text; another shape gets another name.</summary>
    public const string Format = "personalllm.study-design/2";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Locks what the study says now as its next version, and with the first one the simulated users that people are to be compared with. The caller saves, in the transaction in which it read the study.</summary>
    /// <param name="study">Tracked, with its consent texts.</param>
    /// <exception cref="ArgumentException">The population cannot be drawn.</exception>
    public static async Task<StudyVersion> LockAsync(this PersonalLlmDbContext data, Study study, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var frozen = study.Version == 0 ? await data.FreezeAsync(study, now, cancellation) : await data.FrozenCohorts.FindAsync([study.Id], cancellation);
        study.Version++;
        var design = await data.DesignAsync(study, frozen, cancellation);
        var version = new StudyVersion { StudyId = study.Id, Version = study.Version, Design = design, Hash = HashOf(design), LockedAt = now };
        study.DesignHash = version.Hash;
        study.LockedAt = now;
        data.StudyVersions.Add(version);
        return version;
    }

    /// <summary>SHA-256 of the text in UTF-8, hexadecimal.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// All that decides what annotators see and get. Texts of prompts and responses are there by their hashes; the platform's completion code
    /// is not, because the design may be published.
    /// </summary>
    private static async Task<string> DesignAsync(this PersonalLlmDbContext data, Study study, FrozenCohort? frozen, CancellationToken cancellation)
    {
        var dataset = await data.Datasets.Where(row => row.Id == study.DatasetId).Select(row => new { row.Name, row.ContentHash }).SingleAsync(cancellation);
        var design = JsonSerializer.SerializeToNode(
            new
            {
                Format,
                study.Version,
                study.Name,
                Dataset = dataset,
                study.Selection,
                study.Seed,
                study.Overlap,
                study.Instrument,
                study.Assignment,
                study.HasPractice,
                study.AttentionChecks,
                study.Survey,
                Consent = study.ConsentTexts.OrderBy(text => text.Version).Select(text => new { text.Version, text.Text }),
                study.Access,
                Platform = study.Access == StudyAccess.Platform
                    ? new
                    {
                        study.Platform.ParticipantParameter,
                        study.Platform.StudyParameter,
                        study.Platform.SessionParameter,
                        study.Platform.StudyId,
                        study.Platform.ReturnAddress,
                        SharesCompletionCode = study.Platform.CompletionCode.Length > 0,
                    }
                    : null,
                study.SelfNaming,
                study.AllowsRevision,
                study.WithdrawalDays,
                study.OpensAt,
                study.ClosesAt,
                study.Quota,
                study.Language,
                study.Instructions,
            },
            Json)!.AsObject();
        design["population"] = frozen is null ? null : PopulationOf(frozen);
        design["prompts"] = await data.PromptsAsync(study, cancellation);
        return CanonicalJson.Write(design);
    }

    private static async Task<FrozenCohort?> FreezeAsync(this PersonalLlmDbContext data, Study study, DateTimeOffset now, CancellationToken cancellation)
    {
        if (study.CohortId is not { } cohortId || await data.Cohorts.AsNoTracking().SingleOrDefaultAsync(cohort => cohort.Id == cohortId, cancellation) is not { } cohort)
            return null;
        var frozen = FrozenCohort.Of(study.Id, cohort.Name, cohort.Spec, now);
        data.FrozenCohorts.Add(frozen);
        return frozen;
    }

    /// <summary>Numbers that are not whole stand as text, with as many digits as they have: programs write them in different ways.</summary>
    private static JsonObject PopulationOf(FrozenCohort frozen) => new()
    {
        ["name"] = frozen.Name,
        ["hash"] = frozen.Hash,
        ["rewardModels"] = new JsonArray([.. frozen.Spec.RewardModels.Select(name => JsonValue.Create(name))]),
        ["pins"] = frozen.Spec.Pins is null
            ? null
            : new JsonArray([.. frozen.Spec.Pins.Select(pin => new JsonObject
            {
                ["revision"] = pin.Revision,
                ["mean"] = Text(pin.Constants.Mean),
                ["standardDeviation"] = Text(pin.Constants.StandardDeviation),
            })]),
        ["concentration"] = frozen.Spec.Concentration.ToString(),
        ["users"] = frozen.Spec.Users,
        ["seed"] = frozen.Spec.Seed,
        ["generator"] = PopulationSpec.NameOf(frozen.Spec.Generator),
        ["inverseTemperature"] = double.IsPositiveInfinity(frozen.Spec.InverseTemperature) ? "infinity" : Text(frozen.Spec.InverseTemperature),
        ["smallestDistance"] = frozen.Spec.SmallestDistance is { } distance ? Text(distance) : null,
        ["weights"] = Convert.ToHexStringLower(SHA256.HashData(frozen.Weights)),
    };

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static async Task<JsonArray> PromptsAsync(this PersonalLlmDbContext data, Study study, CancellationToken cancellation)
    {
        var items = data.StudyPrompts.Where(item => item.StudyId == study.Id).OrderBy(item => item.Index)
            .Select(item => new
            {
                item.Prompt!.Key,
                item.Prompt.Text,
                Responses = item.Prompt.Responses.OrderBy(response => response.Index).Select(response => new { response.Text, Model = response.ResponseModel!.Name }).ToList(),
            })
            .AsAsyncEnumerable();
        var prompts = new JsonArray();
        await foreach (var item in items.WithCancellation(cancellation))
        {
            var prompt = new JsonObject
            {
                ["key"] = item.Key,
                ["text"] = HashOf(item.Text),
                ["responses"] = new JsonArray([.. item.Responses.Select(response => JsonValue.Create(HashOf(response.Text)))]),
            };
            if (study.SelfNaming == SelfNamingPolicy.Mask)
                prompt["masked"] = new JsonArray([.. item.Responses.Index()
                    .Where(response => SelfNaming.Find(response.Item.Text, response.Item.Model) is not null).Select(response => JsonValue.Create(response.Index))]);
            prompts.Add(prompt);
        }
        return prompts;
    }
}
