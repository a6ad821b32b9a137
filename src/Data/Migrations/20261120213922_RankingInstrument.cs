using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PersonalLlm.Data.Migrations
{
    /// <inheritdoc />
    public partial class RankingInstrument : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Judgements_AssignmentId",
                table: "Judgements");

            migrationBuilder.DropIndex(
                name: "IX_Assignments_AnnotatorId_PromptId",
                table: "Assignments");

            migrationBuilder.AddColumn<string>(
                name: "Access",
                table: "Studies",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Accounts");

            migrationBuilder.AddColumn<bool>(
                name: "AllowsRevision",
                table: "Studies",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "Assignment",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "{\"PromptsPerAnnotator\":null,\"ResponsesPerPrompt\":null,\"Order\":\"Balanced\",\"Strategy\":\"LeastAnnotated\",\"Repeats\":0,\"RepeatLag\":8}");

            migrationBuilder.AddColumn<string>(
                name: "AttentionChecks",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "ClosesAt",
                table: "Studies",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DesignHash",
                table: "Studies",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "HasPractice",
                table: "Studies",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Instrument",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "{\"Kind\":\"FullRanking\",\"TopK\":3,\"Points\":7,\"Strengths\":3,\"AllowsTies\":true,\"AllowsAllBad\":true,\"AsksConfidence\":false,\"AsksComment\":false,\"Reasons\":[]}");

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "Studies",
                type: "character varying(10)",
                maxLength: 10,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "LockedAt",
                table: "Studies",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "OpensAt",
                table: "Studies",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Platform",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "{\"ParticipantParameter\":\"PROLIFIC_PID\",\"StudyParameter\":\"STUDY_ID\",\"SessionParameter\":\"SESSION_ID\",\"StudyId\":\"\",\"CompletionCode\":\"\",\"ReturnAddress\":\"\"}");

            migrationBuilder.AddColumn<int>(
                name: "Quota",
                table: "Studies",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "RehearsalOfId",
                table: "Studies",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Selection",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "{\"Choice\":\"All\",\"SampleSize\":20,\"Seed\":0,\"Subset\":\"\",\"Words\":\"\"}");

            migrationBuilder.AddColumn<string>(
                name: "SelfNaming",
                table: "Studies",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Show");

            migrationBuilder.AddColumn<string>(
                name: "Survey",
                table: "Studies",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<int>(
                name: "Version",
                table: "Studies",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "WithdrawalDays",
                table: "Studies",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "ActiveMs",
                table: "Judgements",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Comment",
                table: "Judgements",
                type: "character varying(5000)",
                maxLength: 5000,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Confidence",
                table: "Judgements",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int[]>(
                name: "ExposureMs",
                table: "Judgements",
                type: "integer[]",
                nullable: false,
                defaultValue: new int[0]);

            migrationBuilder.AddColumn<int>(
                name: "IdleMs",
                table: "Judgements",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Input",
                table: "Judgements",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string[]>(
                name: "Reasons",
                table: "Judgements",
                type: "text[]",
                nullable: false,
                defaultValue: new string[0]);

            migrationBuilder.AddColumn<int>(
                name: "Revision",
                table: "Judgements",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int?[]>(
                name: "Scores",
                table: "Judgements",
                type: "integer[]",
                nullable: false,
                defaultValue: new int?[0]);

            migrationBuilder.AddColumn<int>(
                name: "StudyVersion",
                table: "Judgements",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "SupersededAt",
                table: "Judgements",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool[]>(
                name: "Touched",
                table: "Judgements",
                type: "boolean[]",
                nullable: false,
                defaultValue: new bool[0]);

            migrationBuilder.AddColumn<string>(
                name: "Viewport",
                table: "Judgements",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "ActiveMs",
                table: "JudgementDrafts",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Comment",
                table: "JudgementDrafts",
                type: "character varying(5000)",
                maxLength: 5000,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Confidence",
                table: "JudgementDrafts",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int[]>(
                name: "ExposureMs",
                table: "JudgementDrafts",
                type: "integer[]",
                nullable: false,
                defaultValue: new int[0]);

            migrationBuilder.AddColumn<int>(
                name: "IdleMs",
                table: "JudgementDrafts",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Input",
                table: "JudgementDrafts",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string[]>(
                name: "Reasons",
                table: "JudgementDrafts",
                type: "text[]",
                nullable: false,
                defaultValue: new string[0]);

            migrationBuilder.AddColumn<int?[]>(
                name: "Scores",
                table: "JudgementDrafts",
                type: "integer[]",
                nullable: false,
                defaultValue: new int?[0]);

            migrationBuilder.AddColumn<bool[]>(
                name: "Touched",
                table: "JudgementDrafts",
                type: "boolean[]",
                nullable: false,
                defaultValue: new bool[0]);

            migrationBuilder.AddColumn<string>(
                name: "Viewport",
                table: "JudgementDrafts",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AlterColumn<long>(
                name: "PromptId",
                table: "Assignments",
                type: "bigint",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.AddColumn<int>(
                name: "CheckIndex",
                table: "Assignments",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "RepeatOfId",
                table: "Assignments",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SkipReason",
                table: "Assignments",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Slot",
                table: "Assignments",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "ClosingSurveyAt",
                table: "Annotators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "CompletedAt",
                table: "Annotators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CompletionCode",
                table: "Annotators",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ConsentVersion",
                table: "Annotators",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ExclusionReason",
                table: "Annotators",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ParticipantId",
                table: "Annotators",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "PracticedAt",
                table: "Annotators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SessionId",
                table: "Annotators",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "SurveyedAt",
                table: "Annotators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "WithdrawnAt",
                table: "Annotators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Consents",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    AnnotatorId = table.Column<Guid>(type: "uuid", nullable: true),
                    IsGiven = table.Column<bool>(type: "boolean", nullable: false),
                    AnsweredAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Consents", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Consents_Annotators_AnnotatorId",
                        column: x => x.AnnotatorId,
                        principalTable: "Annotators",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Consents_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ConsentTexts",
                columns: table => new
                {
                    StudyId = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ConsentTexts", x => new { x.StudyId, x.Version });
                    table.ForeignKey(
                        name: "FK_ConsentTexts_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StudyVersions",
                columns: table => new
                {
                    StudyId = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Design = table.Column<string>(type: "text", nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    LockedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyVersions", x => new { x.StudyId, x.Version });
                    table.ForeignKey(
                        name: "FK_StudyVersions_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SurveyAnswers",
                columns: table => new
                {
                    AnnotatorId = table.Column<Guid>(type: "uuid", nullable: false),
                    QuestionKey = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Values = table.Column<string[]>(type: "text[]", nullable: false),
                    AnsweredAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SurveyAnswers", x => new { x.AnnotatorId, x.QuestionKey });
                    table.ForeignKey(
                        name: "FK_SurveyAnswers_Annotators_AnnotatorId",
                        column: x => x.AnnotatorId,
                        principalTable: "Annotators",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_RehearsalOfId",
                table: "Studies",
                column: "RehearsalOfId");

            migrationBuilder.CreateIndex(
                name: "IX_Judgements_AssignmentId_Revision",
                table: "Judgements",
                columns: new[] { "AssignmentId", "Revision" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_AnnotatorId_PromptId_CheckIndex_RepeatOfId",
                table: "Assignments",
                columns: new[] { "AnnotatorId", "PromptId", "CheckIndex", "RepeatOfId" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_RepeatOfId",
                table: "Assignments",
                column: "RepeatOfId");

            migrationBuilder.CreateIndex(
                name: "IX_Annotators_StudyId_ParticipantId",
                table: "Annotators",
                columns: new[] { "StudyId", "ParticipantId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Consents_AnnotatorId",
                table: "Consents",
                column: "AnnotatorId");

            migrationBuilder.CreateIndex(
                name: "IX_Consents_StudyId",
                table: "Consents",
                column: "StudyId");

            migrationBuilder.AddForeignKey(
                name: "FK_Assignments_Assignments_RepeatOfId",
                table: "Assignments",
                column: "RepeatOfId",
                principalTable: "Assignments",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "FK_Studies_Studies_RehearsalOfId",
                table: "Studies",
                column: "RehearsalOfId",
                principalTable: "Studies",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Assignments_Assignments_RepeatOfId",
                table: "Assignments");

            migrationBuilder.DropForeignKey(
                name: "FK_Studies_Studies_RehearsalOfId",
                table: "Studies");

            migrationBuilder.DropTable(
                name: "Consents");

            migrationBuilder.DropTable(
                name: "ConsentTexts");

            migrationBuilder.DropTable(
                name: "StudyVersions");

            migrationBuilder.DropTable(
                name: "SurveyAnswers");

            migrationBuilder.DropIndex(
                name: "IX_Studies_RehearsalOfId",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Judgements_AssignmentId_Revision",
                table: "Judgements");

            migrationBuilder.DropIndex(
                name: "IX_Assignments_AnnotatorId_PromptId_CheckIndex_RepeatOfId",
                table: "Assignments");

            migrationBuilder.DropIndex(
                name: "IX_Assignments_RepeatOfId",
                table: "Assignments");

            migrationBuilder.DropIndex(
                name: "IX_Annotators_StudyId_ParticipantId",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "Access",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "AllowsRevision",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Assignment",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "AttentionChecks",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "ClosesAt",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "DesignHash",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "HasPractice",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Instrument",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "LockedAt",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "OpensAt",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Platform",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Quota",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "RehearsalOfId",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Selection",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "SelfNaming",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Survey",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Version",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "WithdrawalDays",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "ActiveMs",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Comment",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Confidence",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "ExposureMs",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "IdleMs",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Input",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Reasons",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Revision",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Scores",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "StudyVersion",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "SupersededAt",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Touched",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "Viewport",
                table: "Judgements");

            migrationBuilder.DropColumn(
                name: "ActiveMs",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Comment",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Confidence",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "ExposureMs",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "IdleMs",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Input",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Reasons",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Scores",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Touched",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "Viewport",
                table: "JudgementDrafts");

            migrationBuilder.DropColumn(
                name: "CheckIndex",
                table: "Assignments");

            migrationBuilder.DropColumn(
                name: "RepeatOfId",
                table: "Assignments");

            migrationBuilder.DropColumn(
                name: "SkipReason",
                table: "Assignments");

            migrationBuilder.DropColumn(
                name: "Slot",
                table: "Assignments");

            migrationBuilder.DropColumn(
                name: "ClosingSurveyAt",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "CompletedAt",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "CompletionCode",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "ConsentVersion",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "ExclusionReason",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "ParticipantId",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "PracticedAt",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "SessionId",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "SurveyedAt",
                table: "Annotators");

            migrationBuilder.DropColumn(
                name: "WithdrawnAt",
                table: "Annotators");

            migrationBuilder.AlterColumn<long>(
                name: "PromptId",
                table: "Assignments",
                type: "bigint",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "bigint",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Judgements_AssignmentId",
                table: "Judgements",
                column: "AssignmentId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_AnnotatorId_PromptId",
                table: "Assignments",
                columns: new[] { "AnnotatorId", "PromptId" },
                unique: true);
        }
    }
}
