using PersonalLlm.Engine.Statistics;

namespace PersonalLlm.Engine.Studies;

/// <summary>What stands at one place of an annotator's session.</summary>
public abstract record SessionSlot
{
    private SessionSlot() { }

    /// <summary>A prompt that the annotator has not seen; which one is decided when it is handed out.</summary>
    public sealed record Fresh : SessionSlot;

    /// <summary>The prompt of an earlier slot again, without saying so.</summary>
    /// <param name="Slot">0-based place of the first showing.</param>
    public sealed record RepeatOf(int Slot) : SessionSlot;

    /// <param name="Index">Position among the study's attention checks.</param>
    public sealed record Check(int Index) : SessionSlot;
}

/// <summary>
/// An annotator's session, slot by slot: fresh prompts, with attention checks and silent repeats spread among them. The same
/// (design, prompts, checks, annotator, seed) gives the same session on every machine.
/// </summary>
/// <remarks>
/// With F fresh prompts, C checks and a lag of L, the lags of the repeats are F + C on average at most, whatever the order. So any
/// number of repeats up to F fits when F + C ≥ L, and none at all otherwise.
/// </remarks>
public sealed class SessionPlan
{
    private static readonly SessionSlot s_fresh = new SessionSlot.Fresh();

    private readonly SessionSlot[] _slots;
    private readonly int _lag;

    private SessionPlan(SessionSlot[] slots, int lag)
    {
        _slots = slots;
        _lag = lag;
    }

    public IReadOnlyList<SessionSlot> Slots => _slots;

    /// <summary>How many of the design's repeats find a place at their lag; for the design page, and what <see cref="Of"/> plans.</summary>
    /// <param name="design">The study's design.</param>
    /// <param name="prompts">Prompts of the study.</param>
    /// <param name="checks">Attention checks of the study.</param>
    public static int RepeatsThatFit(AssignmentDesign design, int prompts, int checks)
    {
        var fresh = FreshIn(design, prompts);
        return fresh + checks < design.RepeatLag ? 0 : Math.Clamp(design.Repeats, 0, fresh);
    }

    /// <summary>How many items a session has: prompts, repeats and checks.</summary>
    /// <param name="design">The study's design.</param>
    /// <param name="prompts">Prompts of the study.</param>
    /// <param name="checks">Attention checks of the study.</param>
    public static int ItemsOf(AssignmentDesign design, int prompts, int checks) => FreshIn(design, prompts) + checks + RepeatsThatFit(design, prompts, checks);

    /// <summary>Plans the session of one annotator.</summary>
    /// <param name="design">The study's design.</param>
    /// <param name="prompts">Prompts of the study.</param>
    /// <param name="checks">Attention checks of the study.</param>
    /// <param name="annotatorNumber">Order of arrival of the annotator in the study.</param>
    /// <param name="seed">The study's seed.</param>
    public static SessionPlan Of(AssignmentDesign design, int prompts, int checks, int annotatorNumber, uint seed)
    {
        var fresh = FreshIn(design, prompts);
        var repeats = RepeatsThatFit(design, prompts, checks);
        var random = new RandomStream(seed, RandomStreams.SessionPlans, (ulong)annotatorNumber);
        var checkOrder = Enumerable.Range(0, checks).ToArray();
        random.Shuffle(checkOrder.AsSpan());

        // The items that are no repeats, and before which of them each repeat comes. A short session with many repeats leaves no
        // choice but to put them at the end, behind the prompts that they repeat.
        var others = fresh + checks;
        var spread = WithChecksAt(Spread(1, others - 1, checks, fresh, ref random), checkOrder, others);
        int[] between = [.. Jittered(design.RepeatLag, others + repeats, repeats, ref random).Select((place, repeat) => place - repeat)];
        var behind = Enumerable.Repeat(others, repeats).ToArray();
        var late = Enumerable.Range(fresh > repeats ? others - checks - 1 : others - checks, checks).ToArray();
        var slots = Insert(spread, between, design.RepeatLag, ref random)
            ?? Insert(spread, behind, design.RepeatLag, ref random)
            ?? Insert(WithChecksAt(late, checkOrder, others), behind, design.RepeatLag, ref random)
            ?? throw new InvalidOperationException($"{repeats} repeats of {fresh} prompts among {checks} checks do not fit at a lag of {design.RepeatLag}.");
        return new(slots, design.RepeatLag);
    }

    /// <summary>
    /// What comes next for an annotator who has been through <paramref name="shown"/>; null at the end. Whoever follows the plan gets
    /// it slot by slot; whoever skipped, came back late or began under another design gets what of it is still missing and possible.
    /// </summary>
    /// <param name="shown">What the annotator has done, oldest first; the slots of repeats are indexes into this list, and so is that of the answer.</param>
    /// <param name="hasFresh">False when no fresh prompt can be had: the session goes on with the repeats and checks that are possible without.</param>
    public SessionSlot? Next(IReadOnlyList<SessionSlot> shown, bool hasFresh)
    {
        var freshDone = shown.Count(slot => slot is SessionSlot.Fresh);
        var repeated = shown.OfType<SessionSlot.RepeatOf>().Select(repeat => repeat.Slot).ToHashSet();
        var checksDone = shown.OfType<SessionSlot.Check>().Select(check => check.Index).ToHashSet();
        var repeatsDone = shown.Count(slot => slot is SessionSlot.RepeatOf);
        var (fresh, repeats) = (0, 0);
        foreach (var slot in _slots)
        {
            switch (slot)
            {
                case SessionSlot.Fresh when ++fresh > freshDone && hasFresh:
                case SessionSlot.Check check when !checksDone.Contains(check.Index):
                    return slot;
                case SessionSlot.RepeatOf repeat when ++repeats > repeatsDone && Source(repeat.Slot) is { } source:
                    return new SessionSlot.RepeatOf(source);
            }
        }
        return null;

        // The planned prompt if it can be had, else the one whose first showing is the longest ago.
        int? Source(int planned) => IsPossible(planned)
            ? planned
            : Enumerable.Range(0, shown.Count).Select(index => (int?)index).FirstOrDefault(index => IsPossible(index!.Value));

        bool IsPossible(int index) =>
            index < shown.Count && shown[index] is SessionSlot.Fresh && !repeated.Contains(index) && shown.Count - index >= _lag;
    }

    private static int FreshIn(AssignmentDesign design, int prompts) => Math.Clamp(design.PromptsPerAnnotator ?? prompts, 0, prompts);

    private static SessionSlot[] WithChecksAt(int[] places, int[] checkOrder, int count)
    {
        var slots = new SessionSlot[count];
        Array.Fill(slots, s_fresh);
        for (var check = 0; check < places.Length; check++)
            slots[places[check]] = new SessionSlot.Check(checkOrder[check]);
        return slots;
    }

    /// <summary>Distinct places for checks between the first and the last item, or as near to that as so few prompts allow.</summary>
    private static int[] Spread(int from, int to, int checks, int fresh, ref RandomStream random) =>
        fresh >= 2 ? Jittered(from, to, checks, ref random) : [.. Enumerable.Range(fresh, checks)];

    /// <summary>One whole number from each of <paramref name="count"/> equal parts of [from, to), ascending; distinct when the range has as many.</summary>
    private static int[] Jittered(int from, int to, int count, ref RandomStream random)
    {
        var numbers = new int[count];
        for (var part = 0; part < count; part++)
        {
            var start = from + (int)((long)(to - from) * part / count);
            var end = from + (int)((long)(to - from) * (part + 1) / count);
            numbers[part] = start + random.NextBelow(Math.Max(1, end - start));
        }
        return numbers;
    }

    /// <summary>Puts repeat m before item <paramref name="before"/>[m] of the others, each of a prompt at least the lag ago; null when there is none for one of them.</summary>
    private static SessionSlot[]? Insert(SessionSlot[] others, int[] before, int lag, ref RandomStream random)
    {
        var slots = new List<SessionSlot>(others.Length + before.Length);
        var candidates = new List<int>();
        var (seen, taken) = (0, 0);
        for (var item = 0; item <= others.Length; item++)
        {
            for (; taken < before.Length && before[taken] == item; taken++)
            {
                for (; seen <= slots.Count - lag && seen < slots.Count; seen++)
                {
                    if (slots[seen] is SessionSlot.Fresh)
                        candidates.Add(seen);
                }
                if (candidates.Count == 0)
                    return null;
                var chosen = random.NextBelow(candidates.Count);
                slots.Add(new SessionSlot.RepeatOf(candidates[chosen]));
                candidates.RemoveAt(chosen);
            }
            if (item < others.Length)
                slots.Add(others[item]);
        }
        return [.. slots];
    }
}
