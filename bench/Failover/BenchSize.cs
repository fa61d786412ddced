using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover;

/// <summary>How much is measured.</summary>
internal sealed record BenchSize
{
    public required bool IsQuick { get; init; }

    /// <summary>Whether what is in the results already, as often as asked for, is left out.</summary>
    public required bool OnlyMissing { get; init; }

    /// <summary>How often each event is made.</summary>
    public required int Runs { get; init; }

    /// <summary>Stages of outages side by side.</summary>
    public required int StagesAtOnce { get; init; }

    /// <summary>Of outages.</summary>
    public required IReadOnlyList<(Timing Timing, bool Equal)> Stages { get; init; }

    /// <summary>Of outages.</summary>
    public required IReadOnlyList<OutageKind> Events { get; init; }

    /// <summary>Of part cpu.</summary>
    public required IReadOnlyList<(int Routers, Timing Timing)> RouterCounts { get; init; }

    /// <summary>Of part cpu: how many, and how long each.</summary>
    public (int Count, TimeSpan Length) Windows =>
        IsQuick ? (1, TimeSpan.FromSeconds(10)) : (3, TimeSpan.FromSeconds(15));

    /// <summary>How long part busy keeps the processors so, each time.</summary>
    public TimeSpan Load => TimeSpan.FromSeconds(IsQuick ? 10 : 60);
}
