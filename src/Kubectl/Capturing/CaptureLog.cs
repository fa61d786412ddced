using System.Globalization;
using System.Text;

namespace VipOperator.Kubectl.Capturing;

/// <summary>
/// What the sidecars told, line by line, and what follows from it when all is in. Not thread-safe but for
/// <see cref="Fail"/>.
/// </summary>
internal sealed class CaptureLog(IReadOnlyList<CapturedPod> pods)
{
    /// <summary>Fewer may fall between the beginnings of two captures.</summary>
    private const int SentForAVerdict = 3;

    private readonly Dictionary<CapturedPod, List<CapturedAdvertisement>> _heard = pods.ToDictionary(
        p => p, _ => new List<CapturedAdvertisement>());
    private readonly HashSet<CapturedPod> _failed = [];
    private readonly int _nodeWidth = pods.Max(p => p.Node.Length);

    /// <returns>The line for a person.</returns>
    public string Add(CapturedPod pod, CapturedAdvertisement advertisement)
    {
        _heard[pod].Add(advertisement);
        return Line(pod, advertisement);
    }

    /// <summary>Nothing can be said of what it did not hear. Any thread.</summary>
    public void Fail(CapturedPod pod)
    {
        lock (_failed)
            _failed.Add(pod);
    }

    /// <summary>Who sent and heard how many, and what is strange about it.</summary>
    public string Summary()
    {
        StringBuilder text = new("\n");
        CapturedPod[] told = [.. pods.Where(p => !_failed.Contains(p))];
        foreach (CapturedPod pod in told)
        {
            int sent = _heard[pod].Count(a => a.What == "sent"), taken = _heard[pod].Count(a => a.What == "taken");
            text.Append(CultureInfo.InvariantCulture, $"{pod.Node} sent {sent}, took {taken}");
            foreach (var dropped in _heard[pod].Where(a => a.What == "dropped")
                .GroupBy(a => (a.Source, a.VirtualRouterId, a.Reason)))
                text.Append(CultureInfo.InvariantCulture, $", dropped {dropped.Count()} of {dropped.Key.Source} with "
                    + $"id {dropped.Key.VirtualRouterId} ({dropped.Key.Reason})");
            if (_heard[pod].Sum(a => a.Missed) is > 0 and long missed)
                text.Append(CultureInfo.InvariantCulture, $", left out {missed} that came too fast");
            text.Append('\n');
        }

        foreach (string remark in Deaf(told).Concat(Several(told)))
            text.Append("! ").Append(remark).Append('\n');
        if (told.Length > 0 && told.All(p => _heard[p].Count == 0))
            text.Append("! No advertisement was sent or heard: nobody is Active. 'kubectl vip status' says why.\n");
        return text.ToString();
    }

    private IEnumerable<string> Deaf(CapturedPod[] told)
    {
        foreach (CapturedPod sender in told)
        {
            foreach (var sent in _heard[sender].Where(a => a.What == "sent")
                .GroupBy(a => (a.Source, a.VirtualRouterId)))
            {
                foreach (CapturedPod other in told)
                {
                    if (other.Node == sender.Node || !other.VirtualRouterIds.Contains(sent.Key.VirtualRouterId)
                        || sent.Count() < SentForAVerdict
                        || _heard[other].Any(a => a.What != "sent" && a.Source == sent.Key.Source
                            && a.VirtualRouterId == sent.Key.VirtualRouterId))
                        continue;
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{other.Node} heard none of the {sent.Count()} advertisements that {sender.Node} sent from "
                        + $"{sent.Key.Source} with id {sent.Key.VirtualRouterId}: let IP protocol 112 to 224.0.0.18 "
                        + $"(ff02::12) or between the peers pass, here, there and on the way (firewalls, "
                        + $"multicast snooping).");
                }
            }
        }
    }

    // A handover has two senders for a moment; two that both go on do not hear each other.
    private IEnumerable<string> Several(CapturedPod[] told) => told
        .SelectMany(p => _heard[p].Where(a => a.What == "sent" && a.Priority > 0)
            .Select(a => (p.Node, a.VirtualRouterId, Family: a.Source.Contains(':', StringComparison.Ordinal))))
        .GroupBy(a => (a.VirtualRouterId, a.Family))
        .Select(g => (g.Key.VirtualRouterId, Nodes: g.GroupBy(a => a.Node).Where(n => n.Count() >= SentForAVerdict)
            .Select(n => n.Key).Order(StringComparer.Ordinal).ToArray()))
        .Where(g => g.Nodes.Length > 1)
        .Select(g => string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(" and ", g.Nodes)} advertised as Active with id {g.VirtualRouterId}, one after the "
            + $"other or at once."));

    private string Line(CapturedPod pod, CapturedAdvertisement a)
    {
        string what = a.Reason is null ? a.What : $"{a.What} ({a.Reason})";
        string decoded = a.Interval is null
            ? ""
            : $"  every {a.Interval}{(a.Authentication is null or "None" ? "" : $"  authentication {a.Authentication}")}  {string.Join(' ', a.Addresses ?? [])}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{a.Time:HH:mm:ss.fff}  {pod.Node.PadRight(_nodeWidth)}  {what,-7}  {a.InterfaceName}  {a.Source} > "
            + $"{a.Destination}  VRRPv{a.Version}  id {a.VirtualRouterId}  priority {a.Priority}{decoded}");
    }
}
