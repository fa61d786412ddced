namespace VipOperator.Agent.Endpoints;

/// <summary>
/// The connections of one listener, so many at a time. Where all slots are taken and another comes, the connection that
/// has waited longest for its client (to ask, or to take the answer and go) is dropped: clients that keep silent keep
/// nobody else out. A request that is being answered keeps its slot. Thread-safe.
/// </summary>
internal sealed class ConnectionSlots(int most)
{
    private readonly Lock _gate = new();

    // Guarded by _gate: those that wait for their clients, the longest first.
    private readonly LinkedList<Slot> _waiting = [];
    private int _taken;
    private TaskCompletionSource? _room;

    /// <summary>
    /// Takes a slot for a connection that waits for its client. Waits itself only while requests have all of them.
    /// </summary>
    public async Task<Slot> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Slot? dropped = null;
            Task? room = null;
            lock (_gate)
            {
                if (_taken == most && _waiting.First is { Value: { } longest })
                {
                    dropped = longest;
                    Leave(longest);
                }

                if (_taken < most)
                {
                    _taken++;
                }
                else
                {
                    _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    room = _room.Task;
                }
            }

            dropped?.Drop();
            if (room is null)
                return new Slot(this, cancellationToken);
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // The caller holds the lock.
    private void Leave(Slot slot)
    {
        if (slot.Waiting.List is not null)
            _waiting.Remove(slot.Waiting);
        slot.Left = true;
        _taken--;
        Tell();
    }

    // That there may be room now.
    private void Tell()
    {
        _room?.TrySetResult();
        _room = null;
    }

    /// <summary>A connection's place; disposed with it.</summary>
    internal sealed class Slot : IDisposable
    {
        private readonly ConnectionSlots _slots;
        private readonly CancellationTokenSource _dropped;

        public Slot(ConnectionSlots slots, CancellationToken cancellationToken)
        {
            _slots = slots;
            _dropped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Dropped = _dropped.Token;
            Waiting = new LinkedListNode<Slot>(this);
            Wait();
        }

        /// <summary>The connection is to end: another needs its slot, or all ends.</summary>
        public CancellationToken Dropped { get; }

        // Guarded by the lock, as what follows.
        public LinkedListNode<Slot> Waiting { get; }

        public bool Left { get; set; }

        /// <summary>The client is waited for.</summary>
        public void Wait()
        {
            lock (_slots._gate)
            {
                if (Left)
                    return;
                _slots._waiting.AddLast(Waiting);
                _slots.Tell();
            }
        }

        /// <summary>Now the client waits.</summary>
        /// <exception cref="OperationCanceledException">It came too late.</exception>
        public void Answer()
        {
            lock (_slots._gate)
            {
                if (Left)
                    throw new OperationCanceledException(Dropped);
                _slots._waiting.Remove(Waiting);
            }
        }

        public void Drop()
        {
            try
            {
                _dropped.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself just then.
            }
        }

        public void Dispose()
        {
            lock (_slots._gate)
            {
                if (!Left)
                    _slots.Leave(this);
            }

            _dropped.Dispose();
        }
    }
}
