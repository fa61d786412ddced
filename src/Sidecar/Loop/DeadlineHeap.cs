using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Loop;

/// <summary>
/// A binary heap of deadlines, on top the one that the loop must be woken for first. Moving one costs O(log n) and,
/// once the heap has its size, allocates nothing.
/// </summary>
internal sealed class DeadlineHeap
{
    private readonly List<Deadline> _heap = [];

    public int Count => _heap.Count;

    /// <summary>When the loop must be woken: of all, the earliest <see cref="Deadline.Latest"/>.</summary>
    public MonotonicTime Earliest => _heap.Count == 0 ? MonotonicTime.Never : _heap[0].Latest;

    /// <summary>Puts a deadline in, moves it, or with <see cref="MonotonicTime.Never"/> takes it out.</summary>
    /// <param name="slackNanoseconds">How long it may wait for others, to be served in one wake-up with them.</param>
    public void Set(Deadline deadline, MonotonicTime due, long slackNanoseconds = 0)
    {
        MonotonicTime latest = due.PlusNanoseconds(slackNanoseconds);
        if (due == deadline.Due && latest == deadline.Latest)
            return;
        deadline.Due = due;
        deadline.Latest = latest;
        if (due.IsNever)
        {
            Remove(deadline);
            return;
        }

        if (deadline.HeapIndex < 0)
        {
            deadline.HeapIndex = _heap.Count;
            _heap.Add(deadline);
        }

        SiftDown(SiftUp(deadline.HeapIndex));
    }

    /// <summary>
    /// Takes out the deadline on top if it is due. Others may be due as well, which can wait for longer.
    /// </summary>
    public bool TryTakeDue(MonotonicTime now, out Deadline deadline)
    {
        deadline = null!;
        if (_heap.Count == 0 || _heap[0].Due > now)
            return false;
        deadline = _heap[0];
        Set(deadline, MonotonicTime.Never);
        return true;
    }

    private void Remove(Deadline deadline)
    {
        int index = deadline.HeapIndex;
        if (index < 0)
            return;
        int last = _heap.Count - 1;
        Place(_heap[last], index);
        _heap.RemoveAt(last);
        deadline.HeapIndex = -1;
        if (index < last)
            SiftDown(SiftUp(index));
    }

    private int SiftUp(int index)
    {
        Deadline moving = _heap[index];
        while (index > 0 && _heap[(index - 1) / 2].Latest > moving.Latest)
        {
            Place(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Place(moving, index);
        return index;
    }

    private void SiftDown(int index)
    {
        Deadline moving = _heap[index];
        while ((2 * index) + 1 < _heap.Count)
        {
            int child = (2 * index) + 1;
            if (child + 1 < _heap.Count && _heap[child + 1].Latest < _heap[child].Latest)
                child++;
            if (_heap[child].Latest >= moving.Latest)
                break;
            Place(_heap[child], index);
            index = child;
        }

        Place(moving, index);
    }

    private void Place(Deadline deadline, int index)
    {
        _heap[index] = deadline;
        deadline.HeapIndex = index;
    }
}
