namespace PersonalLlm.Engine.Inference;

/// <summary>A model could not be had or did not do what it promised. The message is one or two sentences that a person can act on.</summary>
public sealed class InferenceException : Exception
{
    public InferenceException(string message) : base(message)
    {
    }

    public InferenceException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
