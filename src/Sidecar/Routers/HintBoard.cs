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

    public void Note(RouterHintKind kind, IpAddress source = default, MacAddress hardwareAddress = default, DropReason drop = default) =>
        _latest[(int)kind] = new RouterHint(kind, MonotonicClock.Now, source, hardwareAddress, drop);

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
