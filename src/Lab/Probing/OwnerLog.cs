namespace VipOperator.Lab.Probing;

/// <summary>Which hosts held one address at which time.</summary>
internal sealed class OwnerLog
{
    private readonly Lock _lock = new();
    private readonly List<OwnerChange> _changes = [];

    /// <summary>A change that changes nothing (the renewal of a lifetime) is left out.</summary>
    public void Add(OwnerChange change)
    {
        lock (_lock)
        {
            if (_changes.FindLast(c => c.Host == change.Host)?.Held != change.Held)
                _changes.Add(change);
        }
    }

    /// <summary>The hosts that hold the address now.</summary>
    public IReadOnlyList<string> Holders => HoldersIn(Changes);

    /// <summary>When the host last lost the address, after <paramref name="since"/>; null: not since.</summary>
    public long? LostAt(string host, long since) =>
        Changes.LastOrDefault(c => c.Host == host && !c.Held && c.At >= since)?.At;

    /// <summary>When the host got the address first after <paramref name="since"/>; null: not since.</summary>
    public long? GainedAt(string host, long since) =>
        Changes.FirstOrDefault(c => c.Host == host && c.Held && c.At >= since)?.At;

    /// <summary>How often a host got the address since then.</summary>
    public int TakenSince(long since) => Changes.Count(c => c.Held && c.At >= since);

    /// <summary>For how long, from <paramref name="since"/> to now, more than one host held the address.</summary>
    public TimeSpan SharedTime(long since, long now) => TimeWith(holders => holders > 1, since, now);

    /// <summary>For how long, from <paramref name="since"/> to now, no host held the address.</summary>
    public TimeSpan FreeTime(long since, long now) => TimeWith(holders => holders == 0, since, now);

    private TimeSpan TimeWith(Func<int, bool> counts, long since, long now)
    {
        HashSet<string> holders = [];
        long time = 0;
        long from = since;
        foreach (OwnerChange change in Changes.Append(new OwnerChange(now, "", System.Net.IPAddress.None, false)))
        {
            long at = Math.Clamp(change.At, since, now);
            if (counts(holders.Count))
                time += at - from;
            from = at;
            if (change.Held)
                holders.Add(change.Host);
            else
                holders.Remove(change.Host);
        }

        return Clock.Span(time);
    }

    // The present state, which is asked for when the stream has begun, may come behind what the stream tells of it.
    private List<OwnerChange> Changes
    {
        get
        {
            lock (_lock)
                return [.. _changes.OrderBy(c => c.At)];
        }
    }

    private static IReadOnlyList<string> HoldersIn(List<OwnerChange> changes) =>
        [.. changes.GroupBy(c => c.Host).Where(g => g.Last().Held).Select(g => g.Key).Order()];
}
