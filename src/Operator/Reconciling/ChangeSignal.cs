namespace VipOperator.Operator.Reconciling;

/// <summary>Says that something has changed. Any number of changes before somebody looks are one.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _changes;

    /// <summary>Changes since the last <see cref="Clear"/>.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
                return _changes;
        }
    }

    public void Set()
    {
        lock (_lock)
        {
            _changes++;
            _changed.TrySetResult();
        }
    }

    /// <summary>Waits until there is a change that is not cleared, at most for <paramref name="timeout"/>.</summary>
    public async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        Task changed;
        lock (_lock)
            changed = _changed.Task;
        await changed.WaitAsync(timeout, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Takes all changes so far as looked at.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_changes == 0)
                return;
            _changes = 0;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
