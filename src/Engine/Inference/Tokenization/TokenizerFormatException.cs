namespace PersonalLlm.Engine.Inference.Tokenization;

/// <summary>A tokenizer.json that cannot be read as its author meant it. The message is one sentence that names the key.</summary>
public sealed class TokenizerFormatException(string message) : Exception(message);
