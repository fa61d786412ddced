using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>
/// A resource path taken apart: <c>/apis/{group}/{version}[/namespaces/{ns}]/{resource}[/{name}[/{subresource}]]</c>.
/// </summary>
internal sealed record RequestTarget(
    string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
{
    /// <returns>Null: the path is no resource path.</returns>
    public static RequestTarget? Parse(string path)
    {
        string[] parts = [.. path.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        (string group, string version, string[] rest) = parts switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => ("", "", []),
        };
        return rest switch
        {
            // A namespace itself, its status and its finalizers are resources of their own.
            ["namespaces", var name] => new(group, version, "", "namespaces", name, ""),
            ["namespaces", var name, "status" or "finalize"] => new(group, version, "", "namespaces", name, rest[2]),
            ["namespaces", var ns, var resource] => new(group, version, ns, resource, "", ""),
            ["namespaces", var ns, var resource, var name] => new(group, version, ns, resource, name, ""),
            ["namespaces", var ns, var resource, var name, .. var sub] =>
                new(group, version, ns, resource, name, string.Join('/', sub)),
            [var resource] => new(group, version, "", resource, "", ""),
            [var resource, var name] => new(group, version, "", resource, name, ""),
            [var resource, var name, .. var sub] => new(group, version, "", resource, name, string.Join('/', sub)),
            _ => null,
        };
    }

    public ResourceName ResourceName => new(Group, Resource);
}
