using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>What goes wrong around one router: the last of each kind, told for a while.</summary>
internal sealed class HintBoard
{
    private static readonly int KindCount = Enum.GetValues<RouterHintKind>().Length;

    private readonly RouterHint[] _latest = new RouterHint[KindCount];
    private readonly RouterHint[] _told = new RouterHint[KindCount];
    private readonly MonotonicTime[] _rowStart = new MonotonicTime[KindCount];
    private readonly MonotonicTime[] _rowEnd = new MonotonicTime[KindCount];

    /// <summary>Whether what is seen now has been seen for a while, so that it is worth telling.</summary>
    /// <param name="patience">From the first sighting of the row to the one that is told.</param>
    /// <param name="gap">Sightings further apart do not belong to one row.</param>
    public bool Lasts(RouterHintKind kind, TimeSpan patience, TimeSpan gap)
    {
        MonotonicTime now = MonotonicClock.Now;
        if (now >= _rowEnd[(int)kind])
            _rowStart[(int)kind] = now;
        _rowEnd[(int)kind] = now.Plus(gap);
        return now >= _rowStart[(int)kind].Plus(patience);
    }

    /// <returns>Whether nothing of this kind was told until now.</returns>
    public bool Note(RouterHintKind kind, IpAddress source = default, MacAddress hardwareAddress = default, DropReason drop = default)
    {
        MonotonicTime now = MonotonicClock.Now;
        ref RouterHint latest = ref _latest[(int)kind];
        bool isNew = latest.Kind == RouterHintKind.None || now >= latest.LastSeen.Plus(RouterHint.ToldFor);
        latest = new RouterHint(kind, now, source, hardwareAddress, drop);
        return isNew;
    }

    public ref readonly RouterHint Latest(RouterHintKind kind) => ref _latest[(int)kind];

    /// <summary>What has been seen of this kind so far does not count for what is seen later.</summary>
    public void EndRow(RouterHintKind kind) => _rowEnd[(int)kind] = default;

    /// <summary>It is over, by what is known now.</summary>
    public void Clear(RouterHintKind kind) => _latest[(int)kind] = default;

    /// <summary>Those seen not longer ago than <see cref="RouterHint.ToldFor"/>; valid until the next call.</summary>
    public ReadOnlySpan<RouterHint> Told()
    {
        MonotonicTime now = MonotonicClock.Now;
        int count = 0;
        foreach (ref readonly RouterHint hint in _latest.AsSpan())
        {
            if (hint.Kind != RouterHintKind.None && now < hint.LastSeen.Plus(RouterHint.ToldFor))
                _told[count++] = hint;
        }

        return _told.AsSpan(0, count);
    }
}
