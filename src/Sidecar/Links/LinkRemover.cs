using VipOperator.Sidecar.Linux;

namespace VipOperator.Sidecar.Links;

/// <summary>
/// Removes links on a thread of its own: the kernel takes tens of milliseconds for each (it waits for all processors),
/// and the loop has advertisements to send meanwhile. The thread is there from the start, not once there is something
/// to remove: a loop at real-time priority must start none (<see cref="SidecarProcess"/>).
/// </summary>
internal sealed class LinkRemover : IDisposable
{
    private const int StackBytes = 256 * 1024;

    // Other removals on the node, of whole containers, can be in the way.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly Queue<VirtualLink> _queue = [];
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _added = new(initialState: false);
    private readonly ManualResetEvent _idle = new(initialState: true);
    private readonly Thread _thread;

    // The thread's own; most sidecars never need it.
    private NetlinkRequests? _requests;
    private volatile bool _ends;

    public LinkRemover()
    {
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "link-remover" };
        _thread.Start();
    }

    /// <summary>
    /// Removes the link soon and then disposes of its claim. A link that cannot be removed is left to the sweep.
    /// </summary>
    public void Remove(VirtualLink link)
    {
        lock (_gate)
        {
            _queue.Enqueue(link);
            _idle.Reset();
        }

        _added.Set();
    }

    /// <summary>Waits until nothing is left to remove.</summary>
    public bool WaitUntilIdle(TimeSpan atMost) => _idle.WaitOne(atMost);

    public void Dispose()
    {
        _ = WaitUntilIdle(AnswerTimeout);
        _ends = true;
        _added.Set();
        _thread.Join(AnswerTimeout);
        _added.Dispose();
        _idle.Dispose();
    }

    private void Run()
    {
        while (!_ends)
        {
            _added.WaitOne();
            while (TryTake(out VirtualLink? link))
                RemoveNow(link!);
        }

        _requests?.Dispose();
    }

    private void RemoveNow(VirtualLink link)
    {
        try
        {
            _requests ??= new NetlinkRequests(AnswerTimeout);
            _ = _requests.RemoveLink(link.Index);
        }
        catch (LinuxException)
        {
            // Out of descriptors: as one that the kernel refuses to remove.
        }
        finally
        {
            link.Claim.Dispose();
        }
    }

    private bool TryTake(out VirtualLink? link)
    {
        lock (_gate)
        {
            if (_queue.TryDequeue(out link))
                return true;
            _idle.Set();
            return false;
        }
    }
}
