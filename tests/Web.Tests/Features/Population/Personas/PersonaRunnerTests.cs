using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PersonalLlm.Data.Population;
using PersonalLlm.Engine.Datasets;
using PersonalLlm.Testing;
using PersonalLlm.Web.Features.Population.Personas;

namespace PersonalLlm.Web.Tests.Features.Population.Personas;

/// <summary>The chat model at the other end of a real connection: well, slow, overloaded, broken, talking nonsense, and the program stopped in the middle.</summary>
public sealed class PersonaRunnerTests
{
    [Fact]
    public async Task EveryPersona_IsAskedAboutEveryPromptOnce_AndItsLetterIsTheResponseThatStoodThere()
    {
        await using var scene = await PersonaScene.CreateAsync();
        // The response with the highest number, wherever it stands.
        scene.Chat.Answer = (request, context) => ChatServer.Say(context, LetterOf(request.Messages[1].Text, "Response 4"));
        var id = await scene.BeginAsync(scene.Start(), scene.Task());
        var cohort = await scene.UntilEndedAsync(id);

        Assert.Equal((PersonaStatus.Complete, ""), (cohort.Status, cohort.Message));
        Assert.All(cohort.Personas, persona => Assert.Equal(Enumerable.Repeat(4, PersonaScene.Prompts), PersonaChoices.Unpack(persona.Choices)));
        Assert.Equal(3 * PersonaScene.Prompts, scene.Chat.Requests.Count);
        Assert.Equal(3 * PersonaScene.Prompts, scene.Chat.Requests.Select(request => request.Question).Distinct().Count());
        // The favourite did not always stand at the same place.
        Assert.Equal(5, scene.Chat.Requests.Select(request => LetterOf(request.Messages[1].Text, "Response 4")).Distinct().Count());
        await using var data = scene.Database.CreateContext();
        var writers = await data.ResponseModels.Select(model => model.Name).ToListAsync();
        Assert.All(scene.Chat.Requests, request =>
        {
            Assert.Equal(("test-model", 0d, 16, $"Bearer {PersonaScene.Key}"), (request.Model, request.Temperature!.Value, request.MaximumTokens!.Value, request.Authorization));
            Assert.Equal(["system", "user"], request.Messages.Select(message => message.Role));
            Assert.Contains(PersonaLibrary.Texts.Take(3), persona => request.Messages[0].Text.Contains(persona.Text, StringComparison.Ordinal));
            Assert.DoesNotContain(writers, writer => request.Question.Contains(writer, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task OnlyASampleOfThePrompts_IsAskedAbout_WhenOneIsWished()
    {
        await using var scene = await PersonaScene.CreateAsync();
        var cohort = await scene.UntilEndedAsync(await scene.BeginAsync(scene.Start(), scene.Task(2, prompts: 5)));
        Assert.Equal(PersonaStatus.Complete, cohort.Status);
        Assert.Equal([5, 5], cohort.Personas.Select(PersonaScene.Answered));
        Assert.Equal(10, scene.Chat.Requests.Count);
    }

    [Fact]
    public async Task WhatIsNoOfferedLetterAlone_CountsAsUnusable_AndIsNotAskedAgain()
    {
        await using var scene = await PersonaScene.CreateAsync();
        string[] answers = ["B", "**b**.", "F", "I prefer B", "", "AB", "response B"];
        scene.Chat.Answer = (request, context) => ChatServer.Say(context, answers[(request.Number - 1) % answers.Length]);
        var cohort = await scene.UntilEndedAsync(await scene.BeginAsync(scene.Start(), scene.Task(1)));
        Assert.Equal(PersonaStatus.Complete, cohort.Status);
        Assert.Equal(10, cohort.Personas[0].Unusable);
        Assert.Equal(10, PersonaChoices.Unpack(cohort.Personas[0].Choices).Count(choice => choice == PersonaVotes.Unusable));
        Assert.Equal(4, PersonaChoices.Made(cohort.Personas[0].Choices).Count());
        Assert.Equal(PersonaScene.Prompts, scene.Chat.Requests.Count);
    }

    [Fact]
    public async Task AnOverloadedOrBrokenEndpoint_IsAskedAgain_AndAllAnswersArriveInTheEnd()
    {
        await using var scene = await PersonaScene.CreateAsync();
        var turns = 0;
        scene.Chat.Answer = async (_, context) =>
        {
            switch (Interlocked.Increment(ref turns) switch { 2 => 429, 4 => 500, 6 => 1, 8 => 2, 10 => 3, _ => 200 })
            {
                case 429:
                    await ChatServer.Refuse(context, 429, retryAfter: "1");
                    break;
                case 500:
                    await ChatServer.Refuse(context, 500);
                    break;
                case 1:
                    await context.Response.WriteAsync("<html>garbage</html>");
                    break;
                case 2:
                    await context.Response.WriteAsync("{\"id\":\"x\"}");
                    break;
                case 3:
                    // Half an answer, and then nobody is there.
                    context.Response.ContentLength = 500;
                    await context.Response.WriteAsync("{\"id\":\"chat-1\",\"choices\":[{\"mess");
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                    break;
                default:
                    await ChatServer.Say(context, "A");
                    break;
            }
        };
        var program = scene.Start(("Personas:MaximumConcurrency", "1"));
        var begun = DateTime.UtcNow;
        var cohort = await scene.UntilEndedAsync(await scene.BeginAsync(program, scene.Task(1)));
        Assert.Equal((PersonaStatus.Complete, ""), (cohort.Status, cohort.Message));
        Assert.Equal(PersonaScene.Prompts, PersonaChoices.Made(cohort.Personas[0].Choices).Count());
        Assert.Equal(PersonaScene.Prompts + 5, scene.Chat.Requests.Count);
        Assert.True(DateTime.UtcNow - begun > TimeSpan.FromSeconds(1), "It should have waited as long as the endpoint wished.");
    }

    [Theory]
    [InlineData(500, "failed (HTTP 500). It kept failing, so nothing more was asked.")]
    [InlineData(401, "refused the key (HTTP 401); check Personas:ApiKey.")]
    [InlineData(404, "knows neither the address nor the model test-model (HTTP 404); check Personas:Endpoint and Personas:Model.")]
    [InlineData(400, "refused the request (HTTP 400: the key … is odd).")]
    public async Task AnEndpointThatKeepsFailing_PausesWithOneSentenceWithoutTheKey_AndGoesOnWhenItIsWell(int status, string words)
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = (_, context) => ChatServer.Refuse(context, status, $"the key {PersonaScene.Key} is odd");
        var program = scene.Start(("Personas:Retries", "0"));
        var id = await scene.BeginAsync(program, scene.Task(2));
        var paused = await scene.UntilEndedAsync(id);
        Assert.Equal(PersonaStatus.Paused, paused.Status);
        Assert.EndsWith(words, paused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(PersonaScene.Key, paused.Message, StringComparison.Ordinal);
        Assert.True(scene.Chat.Requests.Count < 12, $"{scene.Chat.Requests.Count} requests to an endpoint that fails.");

        scene.Chat.Answer = (_, context) => ChatServer.Say(context, "C");
        await program.GetRequiredService<PersonaKeeper>().ResumeAsync(id);
        var complete = await scene.UntilEndedAsync(id);
        Assert.Equal((PersonaStatus.Complete, "", 28), (complete.Status, complete.Message, complete.Personas.Sum(PersonaScene.Answered)));
    }

    [Fact]
    public async Task AnEndpointThatIsTooSlow_IsAskedAgain()
    {
        await using var scene = await PersonaScene.CreateAsync();
        var hangs = 1;
        scene.Chat.Answer = async (_, context) =>
        {
            if (Interlocked.Exchange(ref hangs, 0) == 1)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            else
                await ChatServer.Say(context, "A");
        };
        var cohort = await scene.UntilEndedAsync(await scene.BeginAsync(scene.Start(("Personas:TimeoutSeconds", "1")), scene.Task(1)));
        Assert.Equal((PersonaStatus.Complete, PersonaScene.Prompts), (cohort.Status, PersonaScene.Answered(cohort.Personas[0])));
        Assert.Equal(PersonaScene.Prompts + 1, scene.Chat.Requests.Count);
    }

    [Fact]
    public async Task OneQuestionThatIsRefused_HoldsNoOtherUp_AndIsLeftForLater()
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = (request, context) => request.Messages[1].Text.Contains("Prompt 3\n", StringComparison.Ordinal)
            ? ChatServer.Refuse(context, 400, "filtered")
            : ChatServer.Say(context, "A");
        var cohort = await scene.UntilEndedAsync(await scene.BeginAsync(scene.Start(), scene.Task(2)));
        Assert.Equal(PersonaStatus.Paused, cohort.Status);
        Assert.StartsWith("2 questions have no answer yet: ", cohort.Message, StringComparison.Ordinal);
        Assert.Contains("filtered", cohort.Message);
        Assert.Equal(2 * (PersonaScene.Prompts - 1), cohort.Personas.Sum(PersonaScene.Answered));
    }

    [Fact]
    public async Task StoppedInTheMiddle_ItGoesOnWhereItWas_AndAsksNothingTwice()
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = async (_, context) =>
        {
            await Task.Delay(15);
            await ChatServer.Say(context, "B");
        };
        scene.Start();
        var id = await scene.BeginAsync(scene.Start(), scene.Task(6));
        await scene.UntilAsync(id, cohort => cohort.Personas.Sum(PersonaScene.Answered) > 10);
        await scene.StopAsync();
        await scene.StopAsync();
        var stopped = await scene.ReadAsync(id);
        Assert.Equal(PersonaStatus.Running, stopped.Status);
        var answered = stopped.Personas.Sum(PersonaScene.Answered);
        Assert.InRange(answered, 11, (6 * PersonaScene.Prompts) - 1);
        Assert.Equal(answered, scene.Chat.Requests.Count);

        scene.Start();
        var complete = await scene.UntilEndedAsync(id);
        Assert.Equal(PersonaStatus.Complete, complete.Status);
        Assert.Equal(6 * PersonaScene.Prompts, scene.Chat.Requests.Count);
        Assert.Equal(6 * PersonaScene.Prompts, scene.Chat.Requests.Select(request => request.Question).Distinct().Count());
    }

    [Fact]
    public async Task TwoInstances_DoNotAskTheSameThing()
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = async (_, context) =>
        {
            await Task.Delay(5);
            await ChatServer.Say(context, "B");
        };
        scene.Start();
        var id = await scene.BeginAsync(scene.Start(), scene.Task(6));
        scene.Start();
        Assert.Equal(PersonaStatus.Complete, (await scene.UntilEndedAsync(id)).Status);
        Assert.Equal(6 * PersonaScene.Prompts, scene.Chat.Requests.Count);
    }

    [Fact]
    public async Task PausedItAsksNothing_ResumedItGoesOn_RemovedItIsGone()
    {
        await using var scene = await PersonaScene.CreateAsync();
        var open = new SemaphoreSlim(0);
        scene.Chat.Answer = async (_, context) =>
        {
            await open.WaitAsync(context.RequestAborted);
            await ChatServer.Say(context, "B");
        };
        var program = scene.Start();
        var keeper = program.GetRequiredService<PersonaKeeper>();
        var id = await scene.BeginAsync(program, scene.Task(4));
        open.Release(12);
        await scene.UntilAsync(id, _ => scene.Chat.Requests.Count >= 16);
        await keeper.PauseAsync(id);
        open.Release(4);
        // What was on its way is kept, and the runner has let go of it.
        var paused = await scene.UntilAsync(id, cohort => cohort.Personas.Sum(PersonaScene.Answered) == 16 && program.GetRequiredService<PersonaRunner>().ProgressOf(id) is null);
        Assert.Equal((PersonaStatus.Paused, 16), (paused.Status, scene.Chat.Requests.Count));

        await keeper.ResumeAsync(id);
        await scene.UntilAsync(id, _ => scene.Chat.Requests.Count >= 20);
        await keeper.RemoveAsync(id);
        open.Release(100);
        await using var data = scene.Database.CreateContext();
        Assert.False(await data.Personas.AnyAsync(persona => persona.CohortId == id));
        await UntilAsync(() => program.GetRequiredService<PersonaRunner>().ProgressOf(id) is null);
        Assert.InRange(scene.Chat.Requests.Count, 20, 28);
    }

    [Fact]
    public async Task AnotherModelInTheSettings_DoesNotGoOnWithWhatOneHasBegun()
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = (_, context) => ChatServer.Refuse(context, 500);
        var id = await scene.BeginAsync(scene.Start(("Personas:Retries", "0")), scene.Task(1));
        await scene.UntilEndedAsync(id);
        await scene.StopAsync();
        scene.Chat.Answer = (_, context) => ChatServer.Say(context, "A");
        var asked = scene.Chat.Requests.Count;
        var other = scene.Start(("Personas:Model", "another"));
        await other.GetRequiredService<PersonaKeeper>().ResumeAsync(id);
        var cohort = await scene.UntilEndedAsync(id);
        Assert.Equal(PersonaStatus.Paused, cohort.Status);
        Assert.Contains("one population is played by one model", cohort.Message);
        Assert.Equal(asked, scene.Chat.Requests.Count);
    }

    [Fact]
    public async Task ADryRun_ShowsWhatIsSent_AndKeepsNothing()
    {
        await using var scene = await PersonaScene.CreateAsync();
        scene.Chat.Answer = (request, context) => ChatServer.Say(context, request.Number == 2 ? "hm" : "B");
        var program = scene.Start();
        var lines = await program.GetRequiredService<PersonaTrial>().RunAsync(scene.Task());
        Assert.Equal(5, lines.Count);
        Assert.Equal([true, false, true, true, true], lines.Select(line => line.IsUsable));
        Assert.Equal(scene.Chat.Requests.Select(request => request.Question), lines.Select(line => string.Join('\n', line.Sent.Select(message => message.Text))));
        var estimate = await program.GetRequiredService<PersonaKeeper>().EstimateAsync(scene.Task());
        Assert.Equal((PersonaScene.Prompts, 42), (estimate.Prompts, estimate.Calls));
        Assert.InRange(estimate.InputTokens, 42 * 100, 42 * 300);
        await using var data = scene.Database.CreateContext();
        Assert.False(await data.PersonaCohorts.AnyAsync());

        scene.Chat.Answer = (_, context) => ChatServer.Refuse(context, 403, PersonaScene.Key);
        var refused = Assert.Single(await program.GetRequiredService<PersonaTrial>().RunAsync(scene.Task()));
        Assert.Null(refused.Answer);
        Assert.DoesNotContain(PersonaScene.Key, refused.Read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATaskThatCannotBe_IsRefusedInOneSentence()
    {
        await using var scene = await PersonaScene.CreateAsync();
        var keeper = scene.Start().GetRequiredService<PersonaKeeper>();
        var task = scene.Task();
        Assert.Equal("Choose at least one persona and at most 200.", (await keeper.StartAsync(task with { Personas = [] })).Problem);
        Assert.Equal("Every persona needs a name and a text.", (await keeper.StartAsync(task with { Personas = [new("x", " ")] })).Problem);
        Assert.Equal("Two personas are called \u201cx\u201d.", (await keeper.StartAsync(task with { Personas = [new("x", "a"), new("X", "b")] })).Problem);
        Assert.Contains("is too long", (await keeper.StartAsync(task with { Personas = [new("x", new string('a', 5000))] })).Problem);
        Assert.Equal("Choose at least one prompt.", (await keeper.StartAsync(task with { Prompts = 0 })).Problem);
        Assert.Equal("Give the personas a name of at most 200 characters.", (await keeper.StartAsync(task with { Name = " " })).Problem);
        Assert.Null((await keeper.StartAsync(task)).Problem);
        Assert.Equal("The data set already has personas called \u201cPlayed\u201d.", (await keeper.StartAsync(task)).Problem);
        await scene.StopAsync();
        Assert.StartsWith("No chat model is set", (await scene.Start(("Personas:Endpoint", ""), ("Personas:Model", "")).GetRequiredService<PersonaKeeper>().StartAsync(task)).Problem);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !condition();)
        {
            Assert.True(DateTime.UtcNow < deadline, "It never came true.");
            await Task.Delay(20);
        }
    }

    /// <summary>Under which letter a text stands in a question.</summary>
    private static string LetterOf(string question, string text) => question[(question.IndexOf($"\">\n{text}\n</answer>", StringComparison.Ordinal) - 1)..][..1];
}
