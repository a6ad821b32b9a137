namespace PersonalLlm.Data.Postgres;

/// <summary>The database cannot be started or reached. The message is one sentence for the person who started the program.</summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
