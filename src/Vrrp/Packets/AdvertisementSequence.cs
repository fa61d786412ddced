namespace VipOperator.Vrrp;

/// <summary>
/// The sequence numbers of what one router sends with HMAC: the wall clock, or one more than the last number where the
/// clock has not got further. So they grow over a restart as well, without anything being kept.
/// </summary>
/// <remarks>
/// A clock that is set back does not set the numbers back: peers would take them for replays. But who was not there
/// before, or asks the clock each time, takes them for stale. Nobody here knows which clock is wrong; so while the
/// numbers are ahead of the clock by more than five minutes, each advertisement is sent with either number
/// (docs/adr/0016-hmac.md).
/// </remarks>
public sealed class AdvertisementSequence
{
    private ulong _last;
    private ulong _lastByClock;
    private bool _hasStarted;

    /// <summary>The number of one advertisement; its copies to several peers bear the same.</summary>
    public ulong Next(UtcTime now)
    {
        ulong clock = SequenceNumber.At(now);
        _last = !_hasStarted || SequenceNumber.IsAfter(clock, _last) ? clock : _last + 1;
        if (!_hasStarted)
            _lastByClock = clock;
        _hasStarted = true;
        return _last;
    }

    /// <summary>
    /// After <see cref="Next"/>: whether the advertisement is to be sent again, with the number by the clock.
    /// </summary>
    public bool TryNextByClock(UtcTime now, out ulong sequence)
    {
        ulong clock = SequenceNumber.At(now);
        // It was set back once more, or a first time: then what was by the clock no longer is.
        bool grows = SequenceNumber.IsAfter(clock, _lastByClock)
            || !SequenceNumber.IsWithin(_lastByClock, now, ReplayGuard.WindowSeconds);
        sequence = _lastByClock = grows ? clock : _lastByClock + 1;
        return _hasStarted && !SequenceNumber.IsWithin(_last, now, ReplayGuard.WindowSeconds);
    }
}
