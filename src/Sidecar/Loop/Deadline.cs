using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Loop;

/// <summary>An instant at which something is to be called; kept in the <see cref="DeadlineHeap"/>.</summary>
/// <param name="reached">Called on the loop's thread; the deadline has been taken out of the heap before.</param>
internal sealed class Deadline(Action reached)
{
    /// <summary>The place in the heap, -1 outside it.</summary>
    internal int HeapIndex { get; set; } = -1;

    /// <summary>Not before.</summary>
    public MonotonicTime Due { get; internal set; } = MonotonicTime.Never;

    /// <summary>When the loop is woken for it, if nothing else wakes it between <see cref="Due"/> and then.</summary>
    public MonotonicTime Latest { get; internal set; } = MonotonicTime.Never;

    internal void Reach() => reached();
}
