using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// The routers of one name, one for each family, which move together (docs/adr/0011-dual-stack-groups.md): feeds
/// events to their state machines and has the effects carried out.
/// </summary>
internal sealed class RunnerGroup
{
    // A failing effect leads to a step whose effects may fail in turn: renew, bind, resign, release. More is a bug.
    private const int MostFailuresOfOne = 8;

    private readonly EventLoop _loop;
    private readonly EffectExecutor _executor;
    private readonly Deadline _deadline;
    private readonly Queue<(RouterRunner Router, RouterEffectKind Effect)> _failures = [];
    private RouterRunner[] _members = [];
    private RouterParameters[] _parameters = [];
    private RouterState[] _states = [];
    private RouterEffects[] _effects = [];
    private MonotonicTime _lateFor;

    public RunnerGroup(EventLoop loop, EffectExecutor executor)
    {
        _loop = loop;
        _executor = executor;
        _deadline = new Deadline(DeadlineReached);
    }

    public ReadOnlySpan<RouterRunner> Members => _members;

    public ref readonly RouterState StateOf(RouterRunner router) => ref _states[IndexOf(router)];

    /// <summary>Takes a router in, in the order of families: IPv4 decides equal priorities.</summary>
    public void Add(RouterRunner router, in RouterState state)
    {
        int at = 0;
        while (at < _members.Length && _members[at].Parameters.Family < router.Parameters.Family)
            at++;
        _members = [.. _members[..at], router, .. _members[at..]];
        _parameters = [.. _parameters[..at], router.Parameters, .. _parameters[at..]];
        _states = [.. _states[..at], state, .. _states[at..]];
        _effects = [.. _effects[..at], new RouterEffects(), .. _effects[at..]];
    }

    /// <summary>Lets a router go, as it is; those that stay behind are a group as if it had never been there.</summary>
    public void Remove(RouterRunner router)
    {
        int at = IndexOf(router);
        _members = [.. _members[..at], .. _members[(at + 1)..]];
        _parameters = [.. _parameters[..at], .. _parameters[(at + 1)..]];
        _states = [.. _states[..at], .. _states[(at + 1)..]];
        _effects = [.. _effects[..at], .. _effects[(at + 1)..]];
        // Before anything is due, so that nothing happens but that they no longer wait for who has left.
        HandleAll(RouterEvent.Deadline());
        Schedule();
    }

    /// <summary>Takes one event and whatever follows from it for all of the group.</summary>
    public void Handle(RouterRunner router, in RouterEvent @event)
    {
        int at = IndexOf(router);
        // Only now: to its partners' steps a router has its old parameters until it is told of the new ones.
        _parameters[at] = router.Parameters;
        MonotonicTime now = MonotonicClock.Now;
        NoteLateness(now);
        ClearEffects();
        RouterGroup.Step(_parameters, _states, at, @event, now, _effects);
        CarryOut();
    }

    /// <summary>Takes an event that happens to all of the group at once.</summary>
    public void HandleAll(in RouterEvent @event)
    {
        if (_members.Length == 0)
            return;
        MonotonicTime now = MonotonicClock.Now;
        NoteLateness(now);
        ClearEffects();
        RouterGroup.StepAll(_parameters, _states, @event, now, _effects);
        CarryOut();
    }

    /// <summary>Takes it that an effect which was put off has failed.</summary>
    public void HandleFailure(RouterRunner router, RouterEffectKind effect)
    {
        // It may have left meanwhile.
        if (IndexOf(router) < 0)
            return;
        _failures.Enqueue((router, effect));
        HandleFailures();
    }

    private void DeadlineReached()
    {
        // An advertisement that has come is not one that stayed away: the thread may have been put off since it looked,
        // and of very many routers' advertisements some wait for the next round.
        for (int i = 0; i < _members.Length; i++)
        {
            if (_states[i].Kind == RouterStateKind.Backup)
                _members[i].Channel?.CatchUp();
        }

        HandleAll(RouterEvent.Deadline());
    }

    // Packets go before deadlines, so after a stall this may be any event.
    private void NoteLateness(MonotonicTime now)
    {
        MonotonicTime due = RouterGroup.NextDeadline(_states);
        if (now <= due || due == _lateFor)
            return;
        _lateFor = due;
        TimeSpan late = TimeSpan.FromTicks((now.Nanoseconds - due.Nanoseconds) / 100);
        foreach (RouterRunner member in _members)
            member.NoteLateness(late);
    }

    private void ClearEffects()
    {
        foreach (RouterEffects effects in _effects)
            effects.Clear();
    }

    private void CarryOut()
    {
        Execute();
        HandleFailures();
    }

    private void HandleFailures()
    {
        for (int left = MostFailuresOfOne * _members.Length; left > 0 && _failures.TryDequeue(out var failed); left--)
        {
            ClearEffects();
            RouterGroup.Step(
                _parameters, _states, IndexOf(failed.Router), RouterEvent.EffectFailed(failed.Effect),
                MonotonicClock.Now, _effects);
            Execute();
        }

        _failures.Clear();
        Schedule();
    }

    // All bind before the first advertises itself: if one cannot, none of them takes anything from a peer
    // (docs/adr/0024-bound-before-advertised.md).
    private void Execute()
    {
        bool bound = true;
        for (int i = 0; i < _members.Length; i++)
            bound &= _executor.Execute(_members[i], _effects[i].AsSpan()[.._effects[i].CountWithBind()], _failures);
        // Of several failures, that comes first.
        while (!bound && _failures.Peek().Effect != RouterEffectKind.BindAddresses)
            _failures.Enqueue(_failures.Dequeue());
        for (int i = 0; i < _members.Length && bound; i++)
            _executor.Execute(_members[i], _effects[i].AsSpan()[_effects[i].CountWithBind()..], _failures);
    }

    private void Schedule()
    {
        if (_members.Length == 0)
        {
            _loop.Schedule(_deadline, MonotonicTime.Never);
            return;
        }

        MonotonicTime due = RouterGroup.NextDeadline(_states);
        MonotonicTime latest = RouterGroup.LatestDeadline(_parameters, _states);
        _loop.Schedule(_deadline, due, latest.Nanoseconds - due.Nanoseconds);
    }

    private int IndexOf(RouterRunner router) => Array.IndexOf(_members, router);
}
