namespace VipOperator.Vrrp;

/// <summary>
/// The sequence numbers of what one router sends with HMAC: the wall clock, or one more than the last number where the
/// clock has not got further. So they grow over a restart as well, without anything being kept.
/// </summary>
/// <remarks>
/// A clock that is set back does not set the numbers back: peers would take them for replays. keepalived does so where
/// its own clock had been wrong by more than its window, for peers that ask the clock each time; ours do not
/// (docs/adr/0014-hmac.md).
/// </remarks>
public sealed class AdvertisementSequence
{
    private ulong _last;
    private bool _hasStarted;

    /// <summary>The number of one advertisement; its copies to several peers bear the same.</summary>
    public ulong Next(UtcTime now)
    {
        ulong clock = SequenceNumber.At(now);
        _last = !_hasStarted || SequenceNumber.IsAfter(clock, _last) ? clock : _last + 1;
        _hasStarted = true;
        return _last;
    }
}
