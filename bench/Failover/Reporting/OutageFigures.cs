using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>All outages: by stage, event and program. Calls may come from several threads.</summary>
internal sealed class OutageFigures
{
    private readonly Lock _lock = new();

    /// <summary>By <see cref="StageName"/>, then event, then program.</summary>
    public SortedDictionary<string, SortedDictionary<OutageKind, SortedDictionary<string, OutageSeries>>> Stages { get; init; } = new(StringComparer.Ordinal);

    /// <summary>"v3 1 s, own defaults" or "…, equal priorities".</summary>
    public static string StageName(Timing timing, bool equal) => $"{timing.Name}, {(equal ? "equal" : "own defaults")}";

    public void Add(string stage, OutageKind kind, string program, Outage outage)
    {
        lock (_lock)
            SeriesOf(stage, kind, program).Outages.Add(outage);
    }

    /// <summary>The event could not be made, because the pair was not as it should be before.</summary>
    public void AddFailure(string stage, OutageKind kind, string program)
    {
        lock (_lock)
            SeriesOf(stage, kind, program).Failures++;
    }

    /// <summary>Those of one stage, that is not measured any more.</summary>
    public OutageFigures Only(string stage)
    {
        lock (_lock)
            return new OutageFigures { Stages = new(StringComparer.Ordinal) { [stage] = Stages[stage] } };
    }

    /// <summary>Whether each of the events was made so often.</summary>
    public bool Has(string stage, IEnumerable<OutageKind> events, int runs)
    {
        lock (_lock)
        {
            return Stages.TryGetValue(stage, out var kinds)
                && events.All(k => kinds.TryGetValue(k, out var series)
                    && series.TryGetValue("ours", out OutageSeries? ours) && ours.Outages.Count >= runs);
        }
    }

    /// <summary>Takes over what was measured anew, event by event.</summary>
    public void Replace(OutageFigures fresh)
    {
        lock (_lock)
        {
            foreach ((string stage, var kinds) in fresh.Stages)
            {
                if (!Stages.TryGetValue(stage, out var before))
                    Stages[stage] = before = [];
                foreach ((OutageKind kind, var programs) in kinds)
                    before[kind] = programs;
            }
        }
    }

    /// <returns>null: not measured.</returns>
    public OutageSeries? Find(string stage, OutageKind kind, string program) =>
        Stages.GetValueOrDefault(stage)?.GetValueOrDefault(kind)?.GetValueOrDefault(program);

    private OutageSeries SeriesOf(string stage, OutageKind kind, string program)
    {
        if (!Stages.TryGetValue(stage, out var kinds))
            Stages[stage] = kinds = [];
        if (!kinds.TryGetValue(kind, out var programs))
            kinds[kind] = programs = new(StringComparer.Ordinal);
        if (!programs.TryGetValue(program, out OutageSeries? series))
            programs[program] = series = new();
        return series;
    }
}

/// <summary>One event on one pair, some times.</summary>
internal sealed class OutageSeries
{
    public List<Outage> Outages { get; init; } = [];

    public int Failures { get; set; }
}
