using System.Diagnostics;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// CLOCK_BOOTTIME: steady as CLOCK_MONOTONIC, and it goes on while the machine is suspended. Whoever wakes up from that
/// is late, and peers have gone on without it.
/// </summary>
internal static unsafe class MonotonicClock
{
    /// <summary>CLOCK_BOOTTIME, for timers that are to go by it.</summary>
    public const int Id = 7;

    public static MonotonicTime Now
    {
        get
        {
            ClockTime time;
            // It cannot fail: every kernel that we run on has the clock.
            _ = LibC.clock_gettime(Id, &time);
            return new((time.Seconds * 1_000_000_000) + time.Nanoseconds);
        }
    }

    /// <summary>
    /// By how much this clock is ahead of CLOCK_MONOTONIC, which <see cref="Stopwatch"/> reads in nanoseconds: how long
    /// the machine has been suspended, and some nanoseconds between two looks.
    /// </summary>
    public static long AheadNanoseconds => Now.Nanoseconds - Stopwatch.GetTimestamp();
}
