namespace PersonalLlm.Engine.Statistics;

/// <summary>What random numbers are used for. A number here is part of every published result: add, never change.</summary>
public static class RandomStreams
{
    /// <summary>Weights of simulated users; index = user and attempt.</summary>
    public const uint Weights = 1;

    /// <summary>Choice noise; index = user and response.</summary>
    public const uint Choices = 2;

    /// <summary>Bootstrap resamples; index = resample.</summary>
    public const uint Bootstrap = 3;

    /// <summary>Which simulated users take the places of annotators; index = replicate.</summary>
    public const uint MatchedSamples = 4;

    /// <summary>Relabelling of the presentation design; index 0 = rows, 1 = responses, 2 = shifts.</summary>
    public const uint PresentationOrders = 10;

    /// <summary>Which prompts of a data set a study takes; index = 0.</summary>
    public const uint PromptSamples = 11;

    /// <summary>Which pairs of responses simulated users compare; index = prompt.</summary>
    public const uint PairSamples = 12;

    /// <summary>Where repeats and attention checks stand in a session; index = annotator.</summary>
    public const uint SessionPlans = 13;

    /// <summary>Orders of presentation that are random; index = annotator and prompt.</summary>
    public const uint RandomOrders = 14;

    /// <summary>Orders of presentation of silent repeats; index = annotator and prompt.</summary>
    public const uint RepeatOrders = 15;

    /// <summary>Which responses of a prompt are shown together; index 0 = order of the blocks, others = the block's first difference.</summary>
    public const uint ResponseBlocks = 16;

    /// <summary>What simulated participants of a rehearsal like where no rewards are known; index = participant, prompt and response.</summary>
    public const uint SimulatedParticipants = 20;
}
