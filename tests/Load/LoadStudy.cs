using System.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PersonalLlm.Data;
using PersonalLlm.Data.Accounts;
using PersonalLlm.Data.Datasets;
using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Load;

/// <summary>A study with exactly as many places as judgements are wanted, the people for it, and the look at it afterwards.</summary>
internal sealed class LoadStudy(string connectionString, string code, int prompts, int overlap)
{
    public const string Password = "a long enough secret";

    // What assistants write: paragraphs, a list, code, a table; 1,000 to 2,500 characters, no two alike.
    private static string Text(int prompt, int response) => string.Join("\n\n", Enumerable.Range(0, 3 + response % 4).Select(part => ((part + response) % 4) switch
    {
        0 => $"## Step {part + 1} of {prompt}\n\n1. Start with **cold** water and {response} eggs.\n2. Boil them for about *eight* minutes; see [the table](https://example.org/{prompt}).\n3. Cool them afterwards, so that they peel well.",
        1 => $"An egg of size {response} boils in about {prompt % 7 + 6} minutes; start with **cold** water, and cool it afterwards. "
            + string.Concat(Enumerable.Repeat("How hard it gets depends on its size, on its temperature before, and on how high you live. ", 4)),
        2 => $"```python\ndef minutes(size, start={prompt % 20}):\n    # A rule of thumb, nothing more.\n    return 4 + size * {response} - start / 10\n\nfor size in range(1, 6):\n    print(size, minutes(size))\n```",
        _ => $"| Size | Soft | Hard |\n|---|---|---|\n| S | {prompt % 5 + 3} | {prompt % 5 + 7} |\n| M | {prompt % 5 + 4} | {prompt % 5 + 8} |\n| L | {prompt % 5 + 5} | {prompt % 5 + 9} |",
    }));

    public string Code => code;
    public int Prompts => prompts;
    public int Overlap => overlap;

    public static string Email(int number) => $"annotator-{number}@example.org";

    /// <summary>Half of the people share a prompt, so that every annotator has work until near the end.</summary>
    public static async Task<LoadStudy> CreateAsync(string connectionString, int annotators, int judgements, int responses)
    {
        var overlap = Math.Max(1, Enumerable.Range(1, Math.Max(1, annotators / 2)).Last(overlap => judgements % overlap == 0));
        var prompts = judgements / overlap;
        var code = $"load{Random.Shared.Next(100_000)}";
        await using var data = Context(connectionString);
        var models = Enumerable.Range(0, responses).Select(index => new ResponseModel { Name = $"model-{index}" }).ToArray();
        var dataset = new Dataset { Name = code, ContentHash = code, PromptCount = prompts, ResponseCount = prompts * responses };
        for (var promptIndex = 0; promptIndex < prompts; promptIndex++)
        {
            var prompt = new Prompt { Index = promptIndex, Key = $"p{promptIndex}", Text = $"Question {promptIndex}: how do I boil an egg?" };
            prompt.Responses.AddRange(models.Select((model, index) => new Response
            {
                Index = index, DatasetIndex = promptIndex * responses + index, ResponseModel = model, Text = Text(promptIndex, index),
            }));
            dataset.Prompts.Add(prompt);
        }
        var study = new Study { Code = code, Name = "Load", Dataset = dataset, Status = StudyStatus.Open, Overlap = overlap, Seed = 1 };
        study.Prompts.AddRange(dataset.Prompts.Select(prompt => new StudyPrompt { Prompt = prompt, Index = prompt.Index }));
        data.Studies.Add(study);

        var role = await data.Roles.Where(row => row.Name == Roles.Annotator).Select(row => row.Id).SingleAsync();
        var hash = new PasswordHasher<ApplicationUser>().HashPassword(new(), Password);
        for (var number = 0; number < annotators; number++)
        {
            var email = Email(number);
            var person = new ApplicationUser
            {
                Id = Guid.NewGuid(), UserName = email, NormalizedUserName = email.ToUpperInvariant(), Email = email,
                NormalizedEmail = email.ToUpperInvariant(), SecurityStamp = $"{Guid.NewGuid():n}", PasswordHash = hash,
            };
            data.Users.Add(person);
            data.UserRoles.Add(new() { UserId = person.Id, RoleId = role });
        }
        await data.SaveChangesAsync();
        return new(connectionString, code, prompts, overlap);
    }

    /// <summary>The peer: the same row, written by nothing but the driver, one committed row after the other.</summary>
    public async Task<double> RawInsertsPerSecondAsync(int connections, int rows = 4000)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var make = source.CreateCommand("""
            CREATE TABLE IF NOT EXISTS peer (id uuid PRIMARY KEY, assignment uuid NOT NULL UNIQUE, ranking varchar(60) NOT NULL, all_bad boolean NOT NULL, started timestamptz NOT NULL, submitted timestamptz NOT NULL)
            """))
            await make.ExecuteNonQueryAsync();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, connections), new ParallelOptions { MaxDegreeOfParallelism = connections }, async (_, cancellation) =>
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            for (var row = 0; row < rows / connections; row++)
            {
                await using var insert = new NpgsqlCommand("INSERT INTO peer VALUES ($1, $2, 'B,D=A,C,E,F', false, now(), now())", connection);
                insert.Parameters.AddWithValue(Guid.CreateVersion7());
                insert.Parameters.AddWithValue(Guid.CreateVersion7());
                await insert.ExecuteNonQueryAsync(cancellation);
            }
        });
        return rows / watch.Elapsed.TotalSeconds;
    }

    /// <summary>What is wrong, in words; nothing when every acknowledged judgement is there once and every prompt has its overlap exactly.</summary>
    public async Task<List<string>> FaultsAsync(IReadOnlyDictionary<Guid, string> acknowledged)
    {
        await using var data = Context(connectionString);
        var stored = await data.Judgements.AsNoTracking().Include(row => row.Assignment).Where(row => row.Assignment!.Study!.Code == code).ToListAsync();
        var byAssignment = stored.ToLookup(row => row.AssignmentId);
        var faults = new List<string>();
        Count("lost", acknowledged.Count(one => !byAssignment[one.Key].Any(row => PresentationOrder.ToPositions(row.Answer.Ranking, row.Assignment!.PresentedOrder).ToString() == one.Value)));
        Count("recorded twice", byAssignment.Count(rows => rows.Count() > 1) + stored.GroupBy(row => (row.Assignment!.AnnotatorId, row.Assignment.PromptId)).Count(rows => rows.Count() > 1));
        Count("recorded without an acknowledgement", byAssignment.Count(rows => !acknowledged.ContainsKey(rows.Key)));
        var judged = stored.GroupBy(row => row.Assignment!.PromptId!.Value).ToDictionary(rows => rows.Key, rows => rows.Count());
        Count("prompts whose judgements are not the overlap", await data.StudyPrompts.CountAsync(item => item.Study!.Code == code) - judged.Values.Count(count => count == overlap));
        Count("prompts whose places are not the overlap", await data.StudyPrompts.CountAsync(item => item.Study!.Code == code && item.Taken != overlap));
        return faults;

        void Count(string what, int count)
        {
            if (count != 0)
                faults.Add($"{count} {what}");
        }
    }

    private static PersonalLlmDbContext Context(string connectionString) => new ServiceCollection().AddLogging().AddPersonalLlmData(_ => connectionString)
        .BuildServiceProvider().GetRequiredService<IDbContextFactory<PersonalLlmDbContext>>().CreateDbContext();
}
