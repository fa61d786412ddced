using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Access;

/// <summary>What somebody wants to do: a verb on a resource, or on a path that is no resource.</summary>
internal sealed record AccessRequest(
    string Verb, string Group = "", string Resource = "", string Subresource = "", string Namespace = "",
    string Name = "", string Path = "")
{
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
}

/// <summary>Role-based access control over the roles and bindings in the store.</summary>
internal sealed class Authorizer(ObjectStore store)
{
    private const string ApiGroup = ".rbac.authorization.k8s.io";

    public bool Allows(UserInfo user, AccessRequest request) =>
        user.IsAdministrator || RulesFor(user, request.Namespace).Any(r => Covers(r, request));

    /// <summary>All rules that hold for a user, cluster-wide and in one namespace.</summary>
    public IEnumerable<JsonNode?> RulesFor(UserInfo user, string ns)
    {
        foreach (StoredObject binding in Objects("clusterrolebindings"))
            if (BindsTo(binding.Document, user, ""))
                foreach (JsonNode? rule in RulesOf(binding.Document, ""))
                    yield return rule;
        if (ns.Length == 0) yield break;
        foreach (StoredObject binding in Objects("rolebindings").Where(b => b.Document.Namespace == ns))
            if (BindsTo(binding.Document, user, ns))
                foreach (JsonNode? rule in RulesOf(binding.Document, ns).Where(r => !r.Items("nonResourceURLs").Any()))
                    yield return rule;
    }

    /// <summary>The refusal's sentence after "… is forbidden: ".</summary>
    public static string Explain(UserInfo user, AccessRequest request)
    {
        string who = $"User {JsonText.Quote(user.Name)} cannot";
        if (request.Path.Length > 0) return $"{who} {request.Verb} path {JsonText.Quote(request.Path)}";
        string scope = request.Namespace.Length > 0
            ? $"in the namespace {JsonText.Quote(request.Namespace)}"
            : "at the cluster scope";
        return $"{who} {request.Verb} resource {JsonText.Quote(request.FullResource)} in API group "
            + $"{JsonText.Quote(request.Group)} {scope}";
    }

    private IEnumerable<StoredObject> Objects(string plural) => store.Snapshot(plural + ApiGroup).Objects.Values;

    private IEnumerable<JsonNode?> RulesOf(JsonObject binding, string ns)
    {
        string name = binding.Text("roleRef", "name");
        StoredObject? role = binding.Text("roleRef", "kind") == "ClusterRole"
            ? store.Find("clusterroles" + ApiGroup, name)
            : store.Find("roles" + ApiGroup, $"{ns}/{name}");
        return role?.Document.Items("rules") ?? [];
    }

    private static bool BindsTo(JsonObject binding, UserInfo user, string ns) => binding.Items("subjects").Any(s =>
    {
        string name = s.Text("name");
        string subjectNamespace = s.Text("namespace") is { Length: > 0 } given ? given : ns;
        return s.Text("kind") switch
        {
            "User" => user.Name == name,
            "Group" => user.Groups.Contains(name),
            "ServiceAccount" => user.Name == $"system:serviceaccount:{subjectNamespace}:{name}",
            _ => false,
        };
    });

    private static bool Covers(JsonNode? rule, AccessRequest request)
    {
        if (!Has(rule, "verbs", request.Verb)) return false;
        if (request.Path.Length > 0) return rule.Texts("nonResourceURLs").Any(p => PathMatches(p, request.Path));
        bool coversResource = rule.Texts("resources").Any(r =>
            r == "*" || r == request.FullResource
            || (request.Subresource.Length > 0 && r == $"*/{request.Subresource}"));
        bool coversName = !rule.Items("resourceNames").Any() || rule.Texts("resourceNames").Contains(request.Name);
        return coversResource && coversName && Has(rule, "apiGroups", request.Group);
    }

    private static bool Has(JsonNode? rule, string field, string wanted) =>
        rule.Texts(field).Any(v => v == "*" || v == wanted);

    private static bool PathMatches(string pattern, string path) =>
        pattern == "*" || pattern == path
        || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));
}
