using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PersonalLlm.Data.Migrations
{
    /// <inheritdoc />
    public partial class Populations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "CohortId",
                table: "Studies",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "FrozenCohorts",
                columns: table => new
                {
                    StudyId = table.Column<int>(type: "integer", nullable: false),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Spec = table.Column<string>(type: "text", nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Weights = table.Column<byte[]>(type: "bytea", nullable: false),
                    FrozenAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FrozenCohorts", x => x.StudyId);
                    table.ForeignKey(
                        name: "FK_FrozenCohorts_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OpinionSurveys",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Tables = table.Column<string>(type: "text", nullable: false),
                    Sha256 = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    ImportedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OpinionSurveys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PersonaCohorts",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    DatasetId = table.Column<int>(type: "integer", nullable: false),
                    Source = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Provenance = table.Column<string>(type: "text", nullable: false, defaultValue: "{\"File\":null,\"Sha256\":null,\"Model\":null,\"Endpoint\":null,\"Instruction\":null,\"Seed\":0,\"Prompts\":0}"),
                    Message = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PersonaCohorts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_PersonaCohorts_Datasets_DatasetId",
                        column: x => x.DatasetId,
                        principalTable: "Datasets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Personas",
                columns: table => new
                {
                    CohortId = table.Column<int>(type: "integer", nullable: false),
                    Index = table.Column<int>(type: "integer", nullable: false),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false),
                    Choices = table.Column<byte[]>(type: "bytea", nullable: false),
                    Unusable = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Personas", x => new { x.CohortId, x.Index });
                    table.ForeignKey(
                        name: "FK_Personas_PersonaCohorts_CohortId",
                        column: x => x.CohortId,
                        principalTable: "PersonaCohorts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_CohortId",
                table: "Studies",
                column: "CohortId");

            migrationBuilder.CreateIndex(
                name: "IX_OpinionSurveys_Name",
                table: "OpinionSurveys",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PersonaCohorts_DatasetId_Name",
                table: "PersonaCohorts",
                columns: new[] { "DatasetId", "Name" },
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "FK_Studies_Cohorts_CohortId",
                table: "Studies",
                column: "CohortId",
                principalTable: "Cohorts",
                principalColumn: "Id",
                onDelete: ReferentialAction.SetNull);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Studies_Cohorts_CohortId",
                table: "Studies");

            migrationBuilder.DropTable(
                name: "FrozenCohorts");

            migrationBuilder.DropTable(
                name: "OpinionSurveys");

            migrationBuilder.DropTable(
                name: "Personas");

            migrationBuilder.DropTable(
                name: "PersonaCohorts");

            migrationBuilder.DropIndex(
                name: "IX_Studies_CohortId",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "CohortId",
                table: "Studies");
        }
    }
}
