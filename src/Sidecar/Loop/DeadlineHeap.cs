using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Loop;

/// <summary>
/// A binary heap of deadlines, the earliest on top. Moving one costs O(log n) and, once the heap has its size,
/// allocates nothing.
/// </summary>
internal sealed class DeadlineHeap
{
    private readonly List<Deadline> _heap = [];

    public int Count => _heap.Count;

    public MonotonicTime Earliest => _heap.Count == 0 ? MonotonicTime.Never : _heap[0].Due;

    /// <summary>Puts a deadline in, moves it, or with <see cref="MonotonicTime.Never"/> takes it out.</summary>
    public void Set(Deadline deadline, MonotonicTime due)
    {
        if (due == deadline.Due)
            return;
        deadline.Due = due;
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

    /// <summary>Takes out the earliest deadline if it is due.</summary>
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
        while (index > 0 && _heap[(index - 1) / 2].Due > moving.Due)
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
            if (child + 1 < _heap.Count && _heap[child + 1].Due < _heap[child].Due)
                child++;
            if (_heap[child].Due >= moving.Due)
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
