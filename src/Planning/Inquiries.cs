using System.Globalization;

namespace VipOperator.Planning;

/// <summary>
/// When several members say that they are Active, and that lasts, all but the one that became so last are asked whether
/// they still are: they may have died without a word long before their node is found to be not Ready. What is written
/// into the spec is an inquiry in that a sidecar that lives takes it over at once (docs/adr/0029-inquiries.md).
/// </summary>
internal static class Inquiries
{
    public static Dictionary<Contender, string> Of(IReadOnlyList<Contender> contenders, long nowUnixMs)
    {
        Dictionary<Contender, string> inquiries = [];
        Contender[] claims = [.. contenders.Where(c => c.IsActive)];
        if (claims.Length < 2
            || Availability.UntilSettled(claims.Select(c => c.Member!.Report!), nowUnixMs) is not null)
            return inquiries;
        Contender latest =
            claims.OrderByDescending(c => c.Member!.Report!.SinceUnixMs).ThenBy(c => c.Member!.Key).First();

        // Each claim is asked about once: the text says which.
        string inquiry = string.Create(
            CultureInfo.InvariantCulture,
            $"Is it Active still? {latest.Pod.NodeName} says that it is, since "
            + $"{latest.Member!.Report!.SinceUnixMs / 1000} s after 1970.");
        foreach (Contender claim in claims.Where(c => c != latest))
            inquiries[claim] = inquiry;
        return inquiries;
    }
}
