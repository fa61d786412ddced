using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>CLOCK_REALTIME, for the sequence numbers of HMAC alone: no timer is on it.</summary>
internal static class WallClock
{
    public static UtcTime Now => new((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
}
