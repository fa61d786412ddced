using System.Globalization;
using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>Events that go in one message.</summary>
internal sealed class Batch
{
    /// <summary>
    /// More are counted in the summary, but not listed: nobody reads them, and servers refuse large messages.
    /// </summary>
    public const int MostListed = 500;

    private readonly IReadOnlyList<Notification> _all;

    /// <param name="notifications">At least one, in the order of their times.</param>
    public Batch(IReadOnlyList<Notification> notifications, DateTimeOffset time)
    {
        _all = notifications;
        Time = time;
        Repeated[] distinct =
        [
            .. notifications
                .GroupBy(n => (n.Uid, n.VirtualIP, n.Reason, n.Message))
                .Select(same => new Repeated(same.Last(), same.Count()))
                .OrderByDescending(r => r.Last.Severity)
                .ThenBy(r => r.Last.Time),
        ];
        Listed = [.. distinct.Take(MostListed)];
        Omitted = distinct.Length - Listed.Count;
    }

    /// <summary>Stays the same however often the message is tried.</summary>
    public Guid Id { get; } = Guid.CreateVersion7();

    public DateTimeOffset Time { get; }

    /// <summary>The gravest first; an event that came several times stands here once.</summary>
    public IReadOnlyList<Repeated> Listed { get; }

    public int Omitted { get; }

    /// <summary>All events, those that are not listed too.</summary>
    public int Count => _all.Count;

    public Severity Severity => _all.Max(n => n.Severity);

    /// <summary>In one line.</summary>
    public string Summary()
    {
        if (Listed is [{ Last: var only }] && Omitted == 0)
            return $"{only.Severity}: {only.Reason} {only.VirtualIP}";
        ObjectKey[] virtualIPs = [.. _all.Select(n => n.VirtualIP).Distinct()];
        string reasons = string.Join(", ", _all
            .GroupBy(n => (n.Severity, n.Reason))
            .OrderByDescending(g => g.Key.Severity).ThenByDescending(g => g.Count())
            .ThenBy(g => g.Key.Reason, StringComparer.Ordinal)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key.Reason}")));
        string which = virtualIPs.Length == 1
            ? virtualIPs[0].ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{virtualIPs.Length} VirtualIPs");
        return $"{Severity}: {which}: {reasons}";
    }
}

/// <param name="Count">How often the same was said of the same VirtualIP.</param>
internal sealed record Repeated(Notification Last, int Count);
