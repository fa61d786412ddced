using System.Globalization;

namespace VipOperator.Import;

/// <summary>Which node a host will be, where nobody says so.</summary>
internal static class NodeNames
{
    private const int LongestName = 63;

    /// <summary>Whether a node can have that name: labels of a host name (RFC 1123).</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(l =>
            l.Length is > 0 and <= LongestName && l.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)
                || c == '-') && l[0] != '-' && l[^1] != '-');

    /// <summary>
    /// The file's name, or its folder's where all are called alike: web1.conf and web1/keepalived.conf are web1.
    /// </summary>
    public static string OfFile(string path, int number)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string stem = parts.Length == 0 ? "" : parts[^1].Split('.')[0];
        string name = ObjectNames.Of(stem is "keepalived" or "" && parts.Length > 1 ? parts[^2] : stem);
        return name is "" or "keepalived" ? string.Create(CultureInfo.InvariantCulture, $"node-{number}") : name;
    }

    /// <summary>
    /// Gives each host a name of its own: as given, else router_id where those differ, else the file's.
    /// </summary>
    public static void Give(IReadOnlyList<HostConfiguration> hosts)
    {
        string[] routerIds = [.. hosts.Select(h => RouterId(h))];
        bool areTelling = routerIds.Distinct(StringComparer.Ordinal).Count() == hosts.Count;
        List<string> names = [];
        for (int i = 0; i < hosts.Count; i++)
        {
            string name = hosts[i].Host.Node
                ?? (areTelling && IsValid(routerIds[i]) ? routerIds[i] : OfFile(hosts[i].Host.Path, i + 1));
            while (names.Contains(name))
                name += "-b";
            names.Add(name);
        }

        for (int i = 0; i < hosts.Count; i++)
        {
            hosts[i].Node = names[i];
            if (hosts.Count(h => h.Host.Path == hosts[i].Host.Path) > 1)
                hosts[i].Label = names[i];
        }
    }

    private static string RouterId(HostConfiguration host) => host.Text.Directives
        .Where(d => d.Name == "global_defs").SelectMany(d => d.Named("router_id")).LastOrDefault()?.Argument ?? "";
}
