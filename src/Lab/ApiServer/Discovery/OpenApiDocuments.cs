using System.Security.Cryptography;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>
/// /openapi/v2 and /openapi/v3: schemas, and of the paths what kubectl looks at (which patch options exist).
/// </summary>
internal static class OpenApiDocuments
{
    public static JsonObject Version2(IReadOnlyList<ResourceType> types) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
        ["paths"] = Paths(types, isVersion3: false),
        ["definitions"] = OpenApiSchemas.Definitions(types, isVersion3: false),
    };

    /// <summary>Which documents of version 3 there are; the hash in the address lets clients keep them.</summary>
    public static JsonObject Version3Index(IReadOnlyList<ResourceType> types)
    {
        JsonObject paths = [];
        foreach (string prefix in types.Select(PrefixOf).Distinct())
        {
            byte[] hash = SHA512.HashData(JsonText.Bytes(Version3(types, prefix)));
            paths[prefix] = new JsonObject
            {
                ["serverRelativeURL"] = $"/openapi/v3/{prefix}?hash={Convert.ToHexString(hash)}",
            };
        }
        return new JsonObject { ["paths"] = paths };
    }

    /// <param name="prefix"><c>api/v1</c> or <c>apis/{group}/{version}</c>.</param>
    public static JsonObject? Version3(IReadOnlyList<ResourceType> types, string prefix)
    {
        ResourceType[] served = [.. types.Where(t => PrefixOf(t) == prefix)];
        if (served.Length == 0) return null;
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
            ["paths"] = Paths(served, isVersion3: true),
            ["components"] = new JsonObject { ["schemas"] = OpenApiSchemas.Definitions(served, isVersion3: true) },
        };
    }

    private static string PrefixOf(ResourceType type) =>
        type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}";

    private static JsonObject Paths(IEnumerable<ResourceType> types, bool isVersion3)
    {
        JsonObject paths = [];
        foreach (ResourceType type in types.Where(t => !t.IsVirtual))
        {
            string scope = type.Namespaced ? "/namespaces/{namespace}" : "";
            string path = $"/{PrefixOf(type)}{scope}/{type.Plural}/{{name}}";
            paths[path] = new JsonObject
            {
                ["get"] = Operation(type, "get", "read", isVersion3, []),
                ["put"] = Operation(type, "put", "replace", isVersion3, ["dryRun", "fieldManager", "fieldValidation"]),
                ["patch"] = Operation(
                    type, "patch", "patch", isVersion3, ["dryRun", "fieldManager", "fieldValidation", "force"]),
            };
            paths[$"/{PrefixOf(type)}{scope}/{type.Plural}"] = new JsonObject
            {
                ["get"] = Operation(
                    type, "list", "list", isVersion3, ["labelSelector", "fieldSelector", "limit", "continue"]),
                ["post"] = Operation(type, "post", "create", isVersion3, ["dryRun", "fieldManager", "fieldValidation"]),
            };
        }
        return paths;
    }

    private static JsonObject Operation(
        ResourceType type, string action, string verb, bool isVersion3, string[] parameters)
    {
        string group = string.Concat(type.Group.Split('.').Select(Capitalized));
        JsonObject operation = new()
        {
            ["description"] = $"{verb} the specified {type.Kind}",
            ["operationId"] = $"{verb}{(group.Length == 0 ? "Core" : group)}{Capitalized(type.Version)}{(type.Namespaced ? "Namespaced" : "")}{type.Kind}",
            ["parameters"] = new JsonArray([.. parameters.Select(p => Parameter(p, isVersion3))]),
            ["responses"] = new JsonObject { ["200"] = Response(OpenApiSchemas.NameOf(type), isVersion3) },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] =
                new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind },
        };
        return operation;
    }

    private static JsonObject Parameter(string name, bool isVersion3)
    {
        string type = name switch { "force" => "boolean", "limit" => "integer", _ => "string" };
        JsonObject parameter = new() { ["name"] = name, ["in"] = "query" };
        if (isVersion3) parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
        else
        {
            parameter["type"] = type;
            parameter["uniqueItems"] = true;
        }
        return parameter;
    }

    private static JsonObject Response(string definition, bool isVersion3)
    {
        if (!isVersion3)
        {
            return new JsonObject
            {
                ["description"] = "OK",
                ["schema"] = new JsonObject { ["$ref"] = $"#/definitions/{definition}" },
            };
        }
        JsonObject schema = new() { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{definition}" } };
        return new JsonObject
        { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = schema } };
    }

    private static string Capitalized(string word) =>
        word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
}
