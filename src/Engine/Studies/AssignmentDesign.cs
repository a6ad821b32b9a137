namespace PersonalLlm.Engine.Studies;

/// <summary>In which order the responses of a prompt stand on the page.</summary>
public enum ResponseOrder
{
    /// <summary>A Williams design over annotators and prompts: see <see cref="PresentationOrder"/>.</summary>
    Balanced,

    /// <summary>Each annotator and prompt a random order of its own, from the study's seed.</summary>
    Random,

    /// <summary>As the data set has them. For instruments whose order is part of the question.</summary>
    AsStored,
}

/// <summary>Which prompt an annotator gets next.</summary>
public enum AssignmentStrategy
{
    /// <summary>The prompts that the fewest people have in hand or done.</summary>
    LeastAnnotated,

    /// <summary>As least annotated, and each annotator sees the subsets of the data set in equal parts.</summary>
    Stratified,
}

/// <summary>What one annotator's session is made of.</summary>
public sealed record AssignmentDesign
{
    /// <summary>Prompts for one annotator, repeats and checks not counted; null for every prompt of the study.</summary>
    public int? PromptsPerAnnotator { get; init; }

    /// <summary>Responses shown of each prompt, at least 2; null for all. Which ones is balanced by the order design.</summary>
    public int? ResponsesPerPrompt { get; init; }

    public ResponseOrder Order { get; init; } = ResponseOrder.Balanced;

    public AssignmentStrategy Strategy { get; init; } = AssignmentStrategy.LeastAnnotated;

    /// <summary>Prompts shown a second time, in another order and without saying so.</summary>
    public int Repeats { get; init; }

    /// <summary>Items between the two showings: the second comes at least this many items after the first.</summary>
    public int RepeatLag { get; init; } = 8;
}
