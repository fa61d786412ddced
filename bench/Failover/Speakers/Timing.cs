using System.Globalization;

namespace VipOperator.Bench.Failover.Speakers;

/// <summary>The version of the protocol and the time between two advertisements.</summary>
internal sealed record Timing(int Version, int IntervalMilliseconds)
{
    public static readonly Timing V2Second = new(2, 1000);
    public static readonly Timing V3Second = new(3, 1000);
    public static readonly Timing Tenth = new(3, 100);
    public static readonly Timing Hundredth = new(3, 10);

    public static readonly IReadOnlyList<Timing> All = [V2Second, V3Second, Tenth, Hundredth];

    public TimeSpan Interval => TimeSpan.FromMilliseconds(IntervalMilliseconds);

    /// <summary>"v3 100 ms", also the key in the results.</summary>
    public string Name => IntervalMilliseconds == 1000
        ? string.Create(CultureInfo.InvariantCulture, $"v{Version} 1 s")
        : string.Create(CultureInfo.InvariantCulture, $"v{Version} {IntervalMilliseconds} ms");
}
