using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Judgements;
using PersonalLlm.Data.Population;
using PersonalLlm.Data.Rewards;
using PersonalLlm.Data.Studies;

namespace PersonalLlm.Data;

public sealed class PersonalLlmDbContext(DbContextOptions<PersonalLlmDbContext> options)
    : IdentityDbContext<ApplicationUser, IdentityRole<Guid>, Guid>(options)
{
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();
    public DbSet<Dataset> Datasets => Set<Dataset>();
    public DbSet<DatasetImport> DatasetImports => Set<DatasetImport>();
    public DbSet<ContentSeed> ContentSeeds => Set<ContentSeed>();
    public DbSet<Prompt> Prompts => Set<Prompt>();
    public DbSet<Response> Responses => Set<Response>();
    public DbSet<ResponseModel> ResponseModels => Set<ResponseModel>();
    public DbSet<RewardModel> RewardModels => Set<RewardModel>();
    public DbSet<DatasetReward> DatasetRewards => Set<DatasetReward>();
    public DbSet<RewardChunk> RewardChunks => Set<RewardChunk>();
    public DbSet<Cohort> Cohorts => Set<Cohort>();
    public DbSet<FrozenCohort> FrozenCohorts => Set<FrozenCohort>();
    public DbSet<PersonaCohort> PersonaCohorts => Set<PersonaCohort>();
    public DbSet<Persona> Personas => Set<Persona>();
    public DbSet<OpinionSurvey> OpinionSurveys => Set<OpinionSurvey>();
    public DbSet<Study> Studies => Set<Study>();
    public DbSet<StudyPrompt> StudyPrompts => Set<StudyPrompt>();
    public DbSet<Annotator> Annotators => Set<Annotator>();
    public DbSet<ConsentText> ConsentTexts => Set<ConsentText>();
    public DbSet<Consent> Consents => Set<Consent>();
    public DbSet<SurveyAnswer> SurveyAnswers => Set<SurveyAnswer>();
    public DbSet<StudyVersion> StudyVersions => Set<StudyVersion>();
    public DbSet<Assignment> Assignments => Set<Assignment>();
    public DbSet<Judgement> Judgements => Set<Judgement>();
    public DbSet<JudgementDraft> JudgementDrafts => Set<JudgementDraft>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(PersonalLlmDbContext).Assembly);
    }
}
