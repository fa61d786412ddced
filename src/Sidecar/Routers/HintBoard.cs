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

    /// <returns>Whether nothing of this kind was told until now.</returns>
    public bool Note(RouterHintKind kind, IpAddress source = default, MacAddress hardwareAddress = default, DropReason drop = default)
    {
        ref RouterHint latest = ref _latest[(int)kind];
        MonotonicTime now = MonotonicClock.Now;
        bool isNew = latest.Kind == RouterHintKind.None || now >= latest.LastSeen.Plus(RouterHint.ToldFor);
        latest = new RouterHint(kind, now, source, hardwareAddress, drop);
        return isNew;
    }

    public ref readonly RouterHint Latest(RouterHintKind kind) => ref _latest[(int)kind];

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
