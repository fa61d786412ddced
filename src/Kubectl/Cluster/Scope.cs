using VipOperator.Api;

namespace VipOperator.Kubectl.Cluster;

/// <summary>Which objects a command looks at.</summary>
/// <param name="Namespace">null: the one of kubectl's context.</param>
/// <param name="AllNamespaces">Then there is neither a namespace nor a name.</param>
/// <param name="Name">One VirtualIP; null: all.</param>
internal sealed record Scope(string? Namespace, bool AllNamespaces, string? Name)
{
    public IReadOnlyList<string> VirtualIPs =>
        Name is null ? [Plural(VirtualIP.Plural), .. Where] : [Plural(VirtualIP.Plural), Name, .. Where];

    /// <summary>All of the namespace: no label tells the VirtualIP's where its name is long.</summary>
    public IReadOnlyList<string> Members => [Plural(VirtualIPMember.Plural), .. Where];

    public IReadOnlyList<string> Where =>
        AllNamespaces ? ["--all-namespaces"] : Namespace is null ? [] : ["--namespace", Namespace];

    private static string Plural(string plural) => $"{plural}.{GroupVersion.Group}";
}
