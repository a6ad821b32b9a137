using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Judgements;

namespace PersonalLlm.Web.Features.Studies;

/// <summary>A design to begin with.</summary>
/// <param name="Key">Names it in the address of the design page.</param>
internal sealed record StudyTemplate(string Key, string Name, string About, Action<StudyDesign> Fill);

/// <summary>Words and settings to begin with; a study takes a copy and changes it as it likes.</summary>
internal static class StudyTemplates
{
    public static string InstructionsOf(Instrument instrument) => "Read the prompt, then the responses. " + instrument switch
    {
        Instrument.TopK => "Say which ones **you** would like best to get, the best first.\n\n- Two responses that are equally good to you share a rank.",
        Instrument.BestWorst => "Say which one **you** would like best to get, and which one least.\n",
        Instrument.Pairwise => "Say which one **you** would rather get, and how much rather.\n\n- If they are equally good to you, say so.",
        Instrument.Likert => "Give each as many points as it is worth to **you**.\n",
        _ => "Put them in the order in which **you** would like to get them.\n\n- Two responses that are equally good to you share a rank.",
    } + "\n- There are no right answers.";

    public const string Consent = """
        ## What this study is about
        [Say in one or two sentences what you want to find out, and for whom.]

        ## What you will do
        You read short texts that computer programs wrote, and say which ones you would rather get. It takes about [minutes] minutes.
        There are no right answers. Some items check that you read them; they say so themselves.

        ## What is kept
        Your answers, how long you took, and what you tell us about yourself, under a number instead of your name.
        [Say where the data are kept, for how long, and who will see them. Say whether they will be published.]

        ## What you should know
        - Taking part is your choice. You can stop at any time by closing the page.
        - [Pay: how much, and when.]
        - [Risks: for example that some texts may be unpleasant.]
        - At the end you get a link with which you can take back your answers.

        ## Who is responsible
        [Name, institution, e-mail address.] [The ethics committee and its reference number.]
        """;

    public static readonly AttentionCheck Check = new(
        "This item checks that the texts are read. Please put the response first that says so itself.",
        [
            "I am an ordinary response. There is nothing to find in me, however long you look.",
            "Please put this response first. The others do not matter here.",
            "I am a second ordinary response, and nobody has to choose me.",
        ],
        ExpectedIndex: 1);

    public static readonly IReadOnlyList<string> Reasons =
        ["Correct", "Complete", "Clear", "Just the right length", "Friendly", "Follows the instructions", "Safe"];

    public static string NameOf(Instrument instrument) => instrument switch
    {
        Instrument.TopK => "The best few",
        Instrument.BestWorst => "Best and worst",
        Instrument.Pairwise => "Pair with strength",
        Instrument.Likert => "Rating of each",
        _ => "Full ranking",
    };

    public static readonly IReadOnlyList<StudyTemplate> Designs =
    [
        new("ranking", "Rank everything", "Full ranking of all responses, three people for each prompt.", _ => { }),
        new("best-worst", "Best and worst of four", "Four responses at a time, one best and one worst, three people for each prompt: quick, and good for many responses.", design =>
        {
            design.Instrument = new() { Kind = Instrument.BestWorst };
            design.Assignment = new() { ResponsesPerPrompt = 4 };
            design.Instructions = InstructionsOf(design.Instrument.Kind);
        }),
        new("pairs", "Pairs with strength", "Two responses at a time: which one, and how much better. Five people for each prompt.", design =>
        {
            design.Instrument = new() { Kind = Instrument.Pairwise };
            design.Assignment = new() { ResponsesPerPrompt = 2 };
            design.Overlap = 5;
            design.Instructions = InstructionsOf(design.Instrument.Kind);
        }),
        new("crowd", "People from a recruitment platform", "Twenty prompts for each person with four silent repeats, two attention checks, consent and a short survey.", design =>
        {
            design.Assignment = new() { PromptsPerAnnotator = 20, ResponsesPerPrompt = 4, Repeats = 4 };
            design.AttentionChecks = [Check, Check with { Responses = [Check.Responses[1], Check.Responses[0], Check.Responses[2]], ExpectedIndex = 0 }];
            design.Access = StudyAccess.Platform;
            design.ConsentText = Consent;
            design.Survey = [.. SurveyTemplates.All.Single(template => template.Name == "Demographics, short").Questions];
        }),
    ];
}
