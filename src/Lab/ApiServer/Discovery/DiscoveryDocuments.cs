using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>
/// What the server offers, in the old form (a document per group and version) and in the aggregated one.
/// </summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] Verbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject
        {
            ["clientCIDR"] = "0.0.0.0/0",
            ["serverAddress"] = address,
        }),
    };

    public static JsonObject GroupList(IReadOnlyList<ResourceType> types) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups(types).Select(g => GroupOf(g, standAlone: false))]),
    };

    public static JsonObject? Group(IReadOnlyList<ResourceType> types, string group) =>
        Groups(types).FirstOrDefault(g => g.Key == group) is { } found ? GroupOf(found, standAlone: true) : null;

    public static JsonObject? ResourceList(IReadOnlyList<ResourceType> types, string group, string version)
    {
        ResourceType[] served = [.. types.Where(t => t.Group == group && t.Version == version)];
        if (served.Length == 0) return null;
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = served[0].ApiVersion,
            ["resources"] = new JsonArray([.. served.SelectMany(Resources)]),
        };
    }

    /// <param name="core">The core group (<c>/api</c>) or all the others (<c>/apis</c>).</param>
    public static JsonObject Aggregated(IReadOnlyList<ResourceType> types, bool core, string version)
    {
        IEnumerable<IGrouping<string, ResourceType>> groups =
            types.GroupBy(t => t.Group).Where(g => g.Key.Length == 0 == core);
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(AggregatedGroup)]),
        };
    }

    private static IEnumerable<IGrouping<string, ResourceType>> Groups(IReadOnlyList<ResourceType> types) =>
        types.Where(t => t.Group.Length > 0).GroupBy(t => t.Group);

    private static JsonObject GroupOf(IGrouping<string, ResourceType> group, bool standAlone)
    {
        JsonObject Version(string apiVersion) => new()
        {
            ["groupVersion"] = apiVersion,
            ["version"] = apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..],
        };
        string[] versions = [.. group.Select(t => t.ApiVersion).Distinct()];
        JsonObject result = standAlone ? new() { ["kind"] = "APIGroup", ["apiVersion"] = "v1" } : [];
        result["name"] = group.Key;
        result["versions"] = new JsonArray([.. versions.Select(Version)]);
        result["preferredVersion"] = Version(versions[0]);
        return result;
    }

    private static IEnumerable<JsonObject> Resources(ResourceType type)
    {
        JsonObject resource = new()
        {
            ["name"] = type.Plural,
            ["singularName"] = type.Singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = Texts(type.IsVirtual ? ["create"] : Verbs),
        };
        if (type.ShortNames.Count > 0) resource["shortNames"] = Texts(type.ShortNames);
        if (type.Categories.Count > 0) resource["categories"] = Texts(type.Categories);
        yield return resource;
        if (type.HasEviction)
        {
            yield return new JsonObject
            {
                ["name"] = $"{type.Plural}/eviction",
                ["singularName"] = "",
                ["namespaced"] = true,
                ["group"] = "policy",
                ["version"] = "v1",
                ["kind"] = "Eviction",
                ["verbs"] = Texts(["create"]),
            };
        }
        if (!type.HasStatus) yield break;
        yield return new JsonObject
        {
            ["name"] = $"{type.Plural}/status",
            ["singularName"] = "",
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = Texts(StatusVerbs),
        };
    }

    private static JsonObject AggregatedGroup(IGrouping<string, ResourceType> group)
    {
        JsonObject metadata = group.Key.Length == 0 ? [] : new JsonObject { ["name"] = group.Key };
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray([.. group.GroupBy(t => t.Version).Select(v => new JsonObject
            {
                ["version"] = v.Key,
                ["resources"] = new JsonArray([.. v.Select(AggregatedResource)]),
                ["freshness"] = "Current",
            })]),
        };
    }

    private static JsonObject AggregatedResource(ResourceType type)
    {
        JsonObject KindOf() => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
        JsonObject resource = new()
        {
            ["resource"] = type.Plural,
            ["responseKind"] = KindOf(),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = Texts(type.IsVirtual ? ["create"] : Verbs),
        };
        if (type.ShortNames.Count > 0) resource["shortNames"] = Texts(type.ShortNames);
        if (type.Categories.Count > 0) resource["categories"] = Texts(type.Categories);
        JsonArray subresources = [];
        if (type.HasEviction)
        {
            subresources.Add(new JsonObject
            {
                ["subresource"] = "eviction",
                ["responseKind"] = new JsonObject { ["group"] = "policy", ["version"] = "v1", ["kind"] = "Eviction" },
                ["verbs"] = Texts(["create"]),
            });
        }
        if (type.HasStatus)
        {
            subresources.Add(new JsonObject
            {
                ["subresource"] = "status",
                ["responseKind"] = KindOf(),
                ["verbs"] = Texts(StatusVerbs),
            });
        }
        if (subresources.Count > 0) resource["subresources"] = subresources;
        return resource;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);
}
