namespace VipOperator.Agent.Routers;

/// <summary>
/// Whether the sidecar gives signs of life, which it does every few seconds. What it told before is believed only while
/// it does: an address that a hung sidecar holds is taken from it by the kernel. Counted in our own ticks rather than
/// in time, so that whoever was paused together with it does not take it for dead. Not thread-safe: the <see
/// cref="Coordinator"/> guards it.
/// </summary>
internal sealed class SidecarPulse
{
    /// <summary>Two may come in a row, after a pause of our own; of three there is one interval at least.</summary>
    private const int MostSilentTicks = 3;

    private int _silentTicks;

    /// <summary>null while it answers.</summary>
    public DateTimeOffset? SilentSince { get; private set; }

    /// <returns>Whether it was taken for silent until now.</returns>
    public bool Beat()
    {
        bool wasSilent = SilentSince is not null;
        _silentTicks = 0;
        SilentSince = null;
        return wasSilent;
    }

    /// <summary>To be called every few seconds, more seldom than the sidecar gives signs.</summary>
    /// <returns>Whether it is taken for silent from now on.</returns>
    public bool Tick(DateTimeOffset now)
    {
        if (SilentSince is not null || ++_silentTicks < MostSilentTicks)
            return false;
        SilentSince = now;
        return true;
    }
}
