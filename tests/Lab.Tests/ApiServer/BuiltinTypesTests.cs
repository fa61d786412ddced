using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>The built-in types of the embedded server are those of the release that it calls itself.</summary>
public sealed class BuiltinTypesTests(ApiServerFixture fixture)
{
    private static readonly string[] Compared =
    [
        "type", "format", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
        "x-kubernetes-patch-strategy",
        "x-kubernetes-patch-merge-key",
    ];

    [Fact]
    public async Task Types_AreThoseOfARealServerOfTheSameRelease()
    {
        Assert.SkipUnless(
            fixture.Server.IsReal, $"{ApiServers.AssetsVariable} names no real kube-apiserver to compare with.");
        await using IApiServer embedded = await ApiServers.StartEmbeddedAsync();
        using ApiClient client = new(embedded, embedded.TokenOf());
        string version = (await fixture.Client.GetAsync("/version")).At("gitVersion")!.GetValue<string>();
        Assert.SkipUnless(
            (await client.GetAsync("/version")).Text.Contains(
                $"\"{version[..version.LastIndexOf('.')]}.", StringComparison.Ordinal),
            $"The real server is {version}, another release than the one that the embedded one follows.");

        JsonObject real = await DefinitionsAsync(fixture.Client);
        JsonObject ours = await DefinitionsAsync(client);
        List<string> differences = [];
        foreach ((string name, JsonNode? definition) in ours)
        {
            JsonObject? expected = real[name] as JsonObject;
            if (expected is null)
                differences.Add($"{name}: made up");
            else
                CompareFields(name, (expected, real), ((JsonObject)definition!, ours), differences);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static void CompareFields(
        string name, (JsonObject Type, JsonObject All) expected, (JsonObject Type, JsonObject All) actual,
        List<string> differences)
    {
        JsonObject expectedFields = expected.Type["properties"] as JsonObject ?? [];
        JsonObject actualFields = actual.Type["properties"] as JsonObject ?? [];
        differences.AddRange(
            actualFields.Where(f => !expectedFields.ContainsKey(f.Key)).Select(f => $"{name}.{f.Key}: made up"));
        foreach ((string field, JsonNode? schema) in expectedFields)
        {
            if (actualFields[field] is { } known)
                Compare($"{name}.{field}", (schema!, expected.All), (known, actual.All), differences);
            else
                differences.Add($"{name}.{field}: missing");
        }
    }

    private static void Compare(
        string name, (JsonNode Schema, JsonObject All) expected, (JsonNode Schema, JsonObject All) actual,
        List<string> differences)
    {
        (JsonObject expectedSchema, string? expectedName) = Resolve(expected.Schema, expected.All);
        (JsonObject actualSchema, string? actualName) = Resolve(actual.Schema, actual.All);
        if (expectedName != actualName)
            differences.Add($"{name}: is {expectedName ?? "no named type"}, not {actualName ?? "one"}");
        foreach (string word in Compared)
        {
            string? wanted = Text(expectedSchema[word]);
            string? found = Text(actualSchema[word]);
            if (wanted != found && !IsUnsaid(word, wanted, found))
                differences.Add($"{name}: {word} is {wanted ?? "absent"}, not {found ?? "absent"}");
        }

        foreach (string part in (string[])["items", "additionalProperties"])
        {
            if (expectedSchema[part] is { } wanted && actualSchema[part] is { } found)
                Compare($"{name}[]", (wanted, expected.All), (found, actual.All), differences);
            else if (expectedSchema[part] is not null || actualSchema[part] is not null)
                differences.Add($"{name}: only one has {part}");
        }
    }

    // Ours writes out what a list is when nothing is said; gives what may be anything no type, for kubectl 1.20; and
    // does not know the one field that a strategic merge patch is to replace (PodDisruptionBudget's selector).
    private static bool IsUnsaid(string word, string? wanted, string? found) => (word, wanted, found) is
        ("x-kubernetes-list-type", null, "\"atomic\"") or ("type", "\"object\"", null)
        or ("x-kubernetes-patch-strategy", "\"replace\"", null);

    /// <summary>
    /// The schema behind a reference with what stands beside it, and its name when it is a type with fields. The simple
    /// ones (Time, Quantity) are named by a real server and written out by ours.
    /// </summary>
    private static (JsonObject Schema, string? Name) Resolve(JsonNode schema, JsonObject all)
    {
        if (schema["$ref"]?.GetValue<string>()["#/definitions/".Length..] is not { } name)
            return ((JsonObject)schema, null);
        JsonObject merged = (JsonObject)all[name]!.DeepClone();
        foreach ((string key, JsonNode? value) in (JsonObject)schema)
            merged[key] = value?.DeepClone();
        return (merged, merged.Remove("properties") ? name : null);
    }

    private static string? Text(JsonNode? node) => node?.ToJsonString();

    private static async Task<JsonObject> DefinitionsAsync(ApiClient client) =>
        (JsonObject)(await client.GetAsync("/openapi/v2")).At("definitions")!;
}
