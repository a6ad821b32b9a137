using PersonalLlm.Data.Studies;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Web.Features.Judgements;

/// <summary>What an annotator has had so far, in the words of their session's plan.</summary>
internal sealed class SessionHistory
{
    private readonly List<Assignment> _items;
    private readonly List<Assignment> _shown;

    /// <param name="items">All of the annotator's, in the order in which they had them in hand last.</param>
    public SessionHistory(List<Assignment> items)
    {
        _items = items;
        // A check or a repeat that was passed over does not come again; for a prompt that was, another one comes.
        _shown = [.. items.Where(row => row.State == AssignmentState.Submitted || (row.State == AssignmentState.Skipped && !row.TakesPlace))];
        var slotOf = _shown.Index().ToDictionary(item => item.Item.Id, item => item.Index);
        Shown = [.. _shown.Select(row => Slot(row, slotOf))];
    }

    public IReadOnlyList<SessionSlot> Shown { get; }

    /// <summary>What they have in hand: after an undo there may be two, and the earlier one comes first.</summary>
    public Assignment? InHand => _items.Where(row => row.State == AssignmentState.Leased).OrderBy(row => row.Slot).ThenBy(row => row.LeasedAt).FirstOrDefault();

    /// <summary>When their time ran, or runs, out; null when they had nothing yet.</summary>
    public DateTimeOffset? LastLeaseEnd => _items.Count == 0 ? null : _items[^1].LeasedUntil;

    /// <summary>Prompts whose time ran out; each may be taken up again while a place is free.</summary>
    public IEnumerable<Assignment> ExpiredPrompts => _items.Where(row => row.State == AssignmentState.Expired && row.TakesPlace).OrderBy(row => row.Slot);

    /// <summary>Prompts that they need not be offered any more.</summary>
    public IReadOnlyList<long> PromptsDone =>
        [.. _items.Where(row => row.State is AssignmentState.Submitted or AssignmentState.Skipped && row.TakesPlace).Select(row => row.PromptId!.Value)];

    /// <summary>The first showing in a slot that <see cref="SessionPlan.Next"/> named.</summary>
    public Assignment ShownItem(int slot) => _shown[slot];

    public Assignment? RepeatOf(int slot) => _items.SingleOrDefault(row => row.RepeatOfId == _shown[slot].Id);

    public Assignment? Check(int index) => _items.SingleOrDefault(row => row.CheckIndex == index);

    /// <summary>True when they did what the session asks for, all its prompts included.</summary>
    public bool HasDone(SessionPlan session) => session.Next(Shown, hasFresh: true) is null;

    private static SessionSlot Slot(Assignment row, Dictionary<Guid, int> slotOf) => row switch
    {
        { CheckIndex: { } index } => new SessionSlot.Check(index),
        { RepeatOfId: { } first } => new SessionSlot.RepeatOf(slotOf.GetValueOrDefault(first, -1)),
        _ => new SessionSlot.Fresh(),
    };
}

internal static class SessionOrder
{
    /// <summary>The order in which an annotator had the items in hand last: every sign of life moves the end of a lease.</summary>
    public static IQueryable<Assignment> InSessionOrder(this IQueryable<Assignment> ofOneAnnotator) =>
        ofOneAnnotator.OrderBy(row => row.LeasedUntil).ThenBy(row => row.Slot).ThenBy(row => row.Id);
}
