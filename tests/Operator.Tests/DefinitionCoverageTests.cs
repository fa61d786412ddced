using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>That no rule and no limit of the definitions' specs stands there untried.</summary>
public sealed class DefinitionCoverageTests(ApiServerFixture fixture)
{
    // What an API server says when a limit is passed.
    private static readonly Dictionary<string, string> TextOfLimit = new()
    {
        ["enum"] = "supported values",
        ["minimum"] = "greater than or equal to",
        ["maximum"] = "less than or equal to",
        ["minItems"] = "should have at least",
        ["maxItems"] = "must have at most",
        ["minLength"] = "should be at least",
        ["maxLength"] = "may not be more than",
        ["maxProperties"] = "must have at most",
        ["pattern"] = "should match",
    };

    /// <summary>Specs that are in order and that have, together, each field.</summary>
    private static readonly Dictionary<string, string[]> Specs = new()
    {
        ["virtualips"] =
        [
            """
            {"addresses":["192.168.1.108"],"interfaceName":"eth0","virtualRouterId":51,
             "selector":{"matchLabels":{"app":"nginx"},"matchExpressions":[{"key":"tier","operator":"In","values":["front"]}]},
             "vrrp":{"version":3,"advertisementInterval":"1s","preempt":{"enabled":true,"delay":"0s"},"transport":"Multicast",
               "authentication":{"type":"HMAC","secretRef":{"name":"vrrp","key":"key"}},"announcementRefresh":"1m","addressLifetime":"3s",
               "virtualMac":false},
             "priority":{"highest":254,"spread":true,"demoteCordoned":false,"preferences":[{"weight":10,
               "nodeSelector":{"matchLabels":{"rack":"a"},"matchExpressions":[{"key":"tier","operator":"In","values":["front"]}]}}]},
             "probe":{"http":{"port":80,"path":"/","host":"","expectedStatus":"200","scheme":"HTTP","httpHeaders":[{"name":"a","value":"b"}]},
               "interval":"1s","timeout":"1s","failureThreshold":3,"successThreshold":2,"restartGrace":"0s","onFailure":"Demote","weight":50}}
            """,
            """{"addresses":["192.168.1.108"],"selector":{"matchLabels":{"app":"nginx"}},"probe":{"tcp":{"port":80}}}""",
            """{"addresses":["192.168.1.108"],"selector":{"matchLabels":{"app":"nginx"}},"probe":{"process":{"name":"nginx"}}}""",
        ],
        ["virtualipmembers"] =
        [
            """
            {"virtualIPName":"web","podName":"a","podUid":"b","nodeName":"c","addresses":["192.168.1.108"],"interfaceName":"eth0",
             "virtualRouterId":51,"priority":100,"standby":false,"explanation":"first","inquiry":"abc","awaitedSince":"2026-01-01T00:00:00Z",
             "vrrp":{"version":3,"advertisementInterval":"1s","preempt":{"enabled":true,"delay":"0s"},"transport":"Unicast",
               "authentication":{"type":"HMAC","secretRef":{"name":"vrrp","key":"key"}},"announcementRefresh":"1m","addressLifetime":"3s",
               "virtualMac":false},
             "peers":[{"nodeName":"d","addresses":["192.168.1.104"]}],
             "probe":{"http":{"port":80,"path":"/","host":"","expectedStatus":"200","scheme":"HTTP","httpHeaders":[{"name":"a","value":"b"}]},
               "interval":"1s","timeout":"1s","failureThreshold":3,"successThreshold":2,"restartGrace":"0s","onFailure":"Demote","weight":50}}
            """,
            """{"addresses":["192.168.1.108"],"virtualRouterId":51,"priority":100,"probe":{"tcp":{"port":80}}}""",
            """{"addresses":["192.168.1.108"],"virtualRouterId":51,"priority":100,"probe":{"process":{"name":"nginx"}}}""",
        ],
    };

    [Theory]
    [InlineData("virtualips", nameof(DefinitionTests.Spec_IsRefusedWithTheFieldAndWhatIsAllowed),
        nameof(DefinitionTests.Selector_IsRefusedWithTheFieldAndWhatIsAllowed))]
    [InlineData("virtualipmembers", nameof(DefinitionTests.MemberSpec_IsRefusedWithTheFieldAndWhatIsAllowed), null)]
    public async Task EachRule_HasACaseThatIsRefusedForIt(string plural, string cases, string? moreCases)
    {
        (string Field, string Text)[] refused = [.. new[] { cases, moreCases }
            .OfType<string>()
            .SelectMany(m => typeof(DefinitionTests).GetMethod(m)!.GetCustomAttributes<InlineDataAttribute>())
            .Select(c => (Regex.Replace((string)c.Data[1]!, @"\[\d+\]", "[]"), (string)c.Data[2]!))];

        string[] untried = [.. from schema in SchemasOf(await SpecSchemaAsync(plural), "spec")
                               from rule in schema.Schema["x-kubernetes-validations"]?.AsArray() ?? []
                               let field = schema.Path + rule["fieldPath"]?.GetValue<string>()
                               let message = rule["message"]!.GetValue<string>()
                               where !rule["rule"]!.GetValue<string>().Contains("oldSelf", StringComparison.Ordinal)
                               where !refused.Any(
                                   c => c.Field == field && message.Contains(c.Text, StringComparison.Ordinal))
                               select $"{field}: {message}"];

        Assert.True(untried.Length == 0, string.Join('\n', untried));
    }

    [Theory]
    [InlineData("virtualips", "VirtualIP")]
    [InlineData("virtualipmembers", "VirtualIPMember")]
    public async Task EachLimit_RefusesWhatPassesIt(string plural, string kind)
    {
        JsonObject[] specs = [.. Specs[plural].Select(s => JsonNode.Parse(s)!.AsObject())];
        foreach (JsonObject spec in specs)
            Assert.Equal("", Complaints(await CreateAsync(plural, kind, spec)));

        List<string> wrong = [];
        int limits = 0;
        foreach ((string path, JsonObject schema) in SchemasOf(await SpecSchemaAsync(plural), "spec"))
        {
            foreach ((string field, string text, Action<JsonObject> pass) in LimitsOf(path, schema))
            {
                JsonObject? spec = specs.FirstOrDefault(s => Find(s, path) is not null)?.DeepClone().AsObject();
                Assert.True(spec is not null, $"None of the specs above has {path}: add it to one.");
                pass(spec);
                string complaints = Complaints(await CreateAsync(plural, kind, spec));
                limits++;
                if (!complaints.Split('\n').Any(c => c.StartsWith($"{field}: ", StringComparison.Ordinal)
                    && c.Contains(text, StringComparison.Ordinal)))
                    wrong.Add($"{field} should be refused: {text}; but: {complaints}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(limits > 70, $"Only {limits} limits were found.");
    }

    private async Task<JsonObject> SpecSchemaAsync(string plural)
    {
        Answer definition = await fixture.Api.GetAsync(
            $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.vipoperator.io");
        return definition.Body!["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();
    }

    private Task<Answer> CreateAsync(string plural, string kind, JsonObject spec) => fixture.Api.PostAsync(
        $"{TestApi.Group}/namespaces/default/{plural}?dryRun=All",
        new JsonObject
        {
            ["apiVersion"] = "vipoperator.io/v1alpha1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "x" },
            ["spec"] = spec.DeepClone(),
        });

    private static string Complaints(Answer answer) => answer.Succeeded
        ? ""
        : string.Join(
            '\n', answer.Body!["details"]!["causes"]!.AsArray().Select(c => $"{c!["field"]}: {c["message"]}"));

    // Each schema with its path; "[]" stands for the items, ".*" for the values of a map.
    private static IEnumerable<(string Path, JsonObject Schema)> SchemasOf(JsonObject schema, string path)
    {
        yield return (path, schema);
        IEnumerable<(string, JsonNode?)> inner =
        [
            .. (schema["properties"]?.AsObject() ?? []).Select(p => ($".{p.Key}", p.Value)),
            ("[]", schema["items"]),
            (".*", schema["additionalProperties"]),
        ];
        foreach ((string step, JsonNode? found) in inner)
        {
            if (found is not JsonObject below)
                continue;
            foreach ((string, JsonObject) further in SchemasOf(below, path + step))
                yield return further;
        }
    }

    // Where the server is to complain, of what, and how to pass the limit.
    private static IEnumerable<(string Field, string Text, Action<JsonObject> Pass)> LimitsOf(
        string path, JsonObject schema)
    {
        foreach ((string limit, string text) in TextOfLimit)
        {
            if (schema[limit] is { } bound)
                yield return (FieldOf(path), text, spec => Replace(
                    spec, path, Beyond(limit, bound, Find(spec, path)!)));
        }

        foreach (JsonNode? name in schema["required"]?.AsArray() ?? [])
            yield return ($"{FieldOf(path)}.{name}", "Required value",
                spec => ((JsonObject)Find(spec, path)!).Remove(name!.GetValue<string>()));
    }

    private static JsonNode Beyond(string limit, JsonNode bound, JsonNode value) => limit switch
    {
        "enum" => bound[0]!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? 99 : "Nonsense",
        "minimum" => bound.GetValue<int>() - 1,
        "maximum" => bound.GetValue<int>() + 1,
        "minItems" =>
            new JsonArray([.. Enumerable.Range(0, bound.GetValue<int>() - 1).Select(_ => value[0]!.DeepClone())]),
        "maxItems" =>
            new JsonArray([.. Enumerable.Range(0, bound.GetValue<int>() + 1).Select(_ => value[0]!.DeepClone())]),
        "minLength" => new string('a', bound.GetValue<int>() - 1),
        "maxLength" => new string('a', bound.GetValue<int>() + 1),
        "maxProperties" => new JsonObject(
            Enumerable.Range(0, bound.GetValue<int>() + 1).Select(i => KeyValuePair.Create($"a{i}", (JsonNode?)"b"))),
        "pattern" => "? ?",
        _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, null),
    };

    // As the server names it: the first item, and the one label that the specs have.
    private static string FieldOf(string path) => path
        .Replace("[]", "[0]", StringComparison.Ordinal)
        .Replace("selector.matchLabels.*", "selector.matchLabels.app", StringComparison.Ordinal)
        .Replace("nodeSelector.matchLabels.*", "nodeSelector.matchLabels.rack", StringComparison.Ordinal);

    private static JsonNode? Find(JsonObject spec, string path)
    {
        JsonNode? found = spec;
        foreach (string step in StepsOf(path))
            found = step == "[]" ? (found as JsonArray)?.FirstOrDefault() : step == "*"
                ? (found as JsonObject)?.FirstOrDefault().Value : found?[step];
        return found;
    }

    private static void Replace(JsonObject spec, string path, JsonNode value) => Find(spec, path)!.ReplaceWith(value);

    private static string[] StepsOf(string path) =>
        [.. path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.').Skip(1)];
}
