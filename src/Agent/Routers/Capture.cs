using System.Collections.Immutable;
using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Routers;

/// <summary>A captured advertisement with its number, by which a reader asks for what comes after it.</summary>
internal sealed record CapturedEntry(long Number, CapturedReport Report);

/// <summary>
/// Has the sidecar tell its advertisements for as long as somebody reads them, and keeps the last of them for readers,
/// who come back for more again and again. Thread-safe.
/// </summary>
internal sealed class Capture(ISidecar sidecar, TimeProvider time)
{
    /// <summary>What a reader who does not come back leaves running.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>How long a reader waits for the first one, at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>What comes within it goes into one answer.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    /// <summary>Kept for readers; 1,000 a second is what the sidecar tells at most.</summary>
    private const int MostKept = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<CapturedEntry> _kept = new();
    private TaskCompletionSource _arrived = NewSignal();
    private long _last;

    /// <summary>Takes what the sidecar tells.</summary>
    public void Take(CapturedReport report)
    {
        lock (_gate)
        {
            _kept.Enqueue(new CapturedEntry(++_last, report));
            if (_kept.Count > MostKept)
                _kept.Dequeue();
            _arrived.TrySetResult();
            _arrived = NewSignal();
        }
    }

    /// <param name="after">The number of the last one that the reader has; null: it begins now.</param>
    /// <returns>What came since, none after a while, and how many this reader was too slow for.</returns>
    public async Task<(ImmutableArray<CapturedEntry> Entries, long Last, long Lost)> NextAsync(
        long? after, CancellationToken cancellationToken)
    {
        sidecar.Send(new CaptureMessage((uint)Lease.TotalMilliseconds).Write);
        Task arrived;
        lock (_gate)
        {
            if (after is null)
                return ([], _last, 0);
            arrived = _last > after ? Task.CompletedTask : _arrived.Task;
        }

        try
        {
            await arrived.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Gathering, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A quiet link.
        }

        lock (_gate)
        {
            ImmutableArray<CapturedEntry> entries = [.. _kept.Where(e => e.Number > after)];
            long lost = entries.IsEmpty ? 0 : entries[0].Number - after.Value - 1;
            return (entries, _last, lost);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
