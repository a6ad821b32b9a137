namespace PersonalLlm.Engine.Studies;

/// <summary>
/// How long people will take, before anybody was timed: adults read English prose at 238 words a minute (Brysbaert, 2019), six characters
/// to a word with its space; one careful pass, and half a minute to decide.
/// </summary>
public static class ReadingTime
{
    private const double CharactersPerMinute = 238 * 6;

    private static readonly TimeSpan s_deciding = TimeSpan.FromSeconds(30);

    /// <param name="characters">Length of what is read.</param>
    public static TimeSpan Of(double characters) => TimeSpan.FromMinutes(characters / CharactersPerMinute);

    /// <summary>Reading a prompt with its responses, and deciding.</summary>
    /// <param name="characters">Length of all of them.</param>
    public static TimeSpan OfItem(double characters) => s_deciding + Of(characters);
}
