using VipOperator.Sidecar.Agent;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>What goes wrong around one router: the last of each kind, told for a while.</summary>
internal sealed class HintBoard
{
    private static readonly int KindCount = Enum.GetValues<RouterHintKind>().Length;

    // Made when there is something to hint at, which most routers never have.
    private RouterHint[]? _latest;
    private RouterHint[]? _told;
    private (MonotonicTime Start, MonotonicTime End)[]? _rows;

    /// <summary>Whether what is seen now has been seen for a while, so that it is worth telling.</summary>
    /// <param name="patience">From the first sighting of the row to the one that is told.</param>
    /// <param name="gap">Sightings further apart do not belong to one row.</param>
    public bool Lasts(RouterHintKind kind, TimeSpan patience, TimeSpan gap)
    {
        MonotonicTime now = MonotonicClock.Now;
        ref (MonotonicTime Start, MonotonicTime End) row =
            ref (_rows ??= new (MonotonicTime, MonotonicTime)[KindCount])[(int)kind];
        if (now >= row.End)
            row.Start = now;
        row.End = now.Plus(gap);
        return now >= row.Start.Plus(patience);
    }

    /// <returns>Whether nothing of this kind was told until now.</returns>
    public bool Note(RouterHintKind kind, IpAddress source = default, MacAddress hardwareAddress = default,
        DropReason drop = default)
    {
        MonotonicTime now = MonotonicClock.Now;
        ref RouterHint latest = ref (_latest ??= new RouterHint[KindCount])[(int)kind];
        bool isNew = latest.Kind == RouterHintKind.None || now >= latest.LastSeen.Plus(RouterHint.ToldFor);
        latest = new RouterHint(kind, now, source, hardwareAddress, drop);
        return isNew;
    }

    public ref readonly RouterHint Latest(RouterHintKind kind) =>
        ref (_latest ??= new RouterHint[KindCount])[(int)kind];

    /// <summary>What has been seen of this kind so far does not count for what is seen later.</summary>
    public void EndRow(RouterHintKind kind)
    {
        if (_rows is not null)
            _rows[(int)kind].End = default;
    }

    /// <summary>It is over, by what is known now.</summary>
    public void Clear(RouterHintKind kind)
    {
        if (_latest is not null)
            _latest[(int)kind] = default;
    }

    /// <summary>
    /// Those seen not longer ago than <see cref="RouterHint.ToldFor"/>, at the agent's time; valid until the next call.
    /// </summary>
    public ReadOnlySpan<RouterHint> Told(AgentTime time)
    {
        if (_latest is null)
            return [];
        MonotonicTime now = MonotonicClock.Now;
        _told ??= new RouterHint[KindCount];
        int count = 0;
        foreach (ref readonly RouterHint hint in _latest.AsSpan())
        {
            if (hint.Kind != RouterHintKind.None && now < hint.LastSeen.Plus(RouterHint.ToldFor))
                _told[count++] = hint with { LastSeen = time.Of(hint.LastSeen) };
        }

        return _told.AsSpan(0, count);
    }
}
