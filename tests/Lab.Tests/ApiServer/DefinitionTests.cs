using System.Net;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Which CustomResourceDefinitions are refused, and why.</summary>
public sealed class DefinitionTests(ApiServerFixture fixture)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Schema = "spec.validation.openAPIV3Schema";

    private readonly ApiClient _api = fixture.Client;

    [Theory]
    [InlineData("""{"type":"object","properties":{"spec":{}}}""", Schema + ".properties[spec].type: Required value: must not be empty for specified object fields")]
    [InlineData("""{"properties":{"spec":{"type":"object"}}}""", Schema + ".type: Required value: must not be empty at the root")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"map"}}}""", "x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]}}}""", "so it must have a default or be a required property")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["z"]}}}""", "entries must all be names of item properties")]
    [InlineData("""{"type":"object","properties":{"s":{"type":"string","default":5}}}""", ".properties[s].default: Invalid value: \"integer\"")]
    [InlineData("""{"type":"object","properties":{"s":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}}}""", "additionalProperties")]
    [InlineData("""{"type":"object","properties":{"s":{"type":"string","pattern":"["}}}""", "must be a valid regular expression, but isn't")]
    [InlineData("""{"type":"object","properties":{"s":{"type":"string","anyOf":[{"type":"string"},{"minLength":1}]}}}""", "anyOf[0].type: Forbidden: must be empty to be structural")]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}}""", "must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","uniqueItems":true,"items":{"type":"string"}}}}""", "uniqueItems: Forbidden")]
    public async Task Schema_ThatIsNotStructural_IsRefused(string schema, string message)
    {
        ApiAnswer answer = await CreateAsync(schema);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.nope == 1", "undefined field 'nope'")]
    [InlineData("self.i == 'x'", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("self.i ==", "Syntax error: mismatched input '<EOF>'")]
    [InlineData("nofunc(self.i)", "undeclared reference to 'nofunc' (in container '')")]
    [InlineData("self.i", "cel expression must evaluate to a bool")]
    [InlineData("self.s.matches('[')", "invalid matches argument")]
    [InlineData("has(self.i.x)", "type 'int' does not support field selection")]
    [InlineData("[1, 'a'].size() == 2", "expected type 'int' but found 'string'")]
    [InlineData(
        "self.l.all(x, self.l.exists(y, y == x))", "estimated rule cost exceeds budget by factor of more than 100x")]
    [InlineData("self.m10.all(x, self.m10.exists(y, y == x))", "estimated rule cost exceeds budget by factor of 3.1x")]
    [InlineData("self.m100.all(x, isIP(x))", "estimated rule cost exceeds budget by factor of 3.1x")]
    [InlineData("self.short.all(x, isIP(x))", "estimated rule cost exceeds budget by factor of 2.5x")]
    [InlineData("self.n.filter(x, x > 1).size() > 1", "estimated rule cost exceeds budget by factor of 2.4x")]
    [InlineData("string(self.i).contains('x')", "estimated rule cost exceeds budget by factor of more than 100x")]
    [InlineData("cidr(self.s) != cidr('10.0.0.0/8')", "estimated rule cost exceeds budget by factor of more than 100x")]
    [InlineData("ip(self.s) != ip('10.0.0.0')", "estimated rule cost exceeds budget by factor of more than 100x")]
    public async Task Rule_IsRefused(string rule, string message)
    {
        ApiAnswer answer = await CreateAsync(RuleSchema(rule));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.s.size() > 1")]
    [InlineData("self.s.contains('a') && self.s.matches('^a+$')")]
    [InlineData("self.l.all(x, x == 'a')")]
    [InlineData("self.bounded.all(x, self.bounded.exists(y, y == x))")]
    [InlineData("self.bounded.map(x, x.split('/')[0]).all(y, isIP(y))")]
    [InlineData("self.bounded.all(x, self.bounded.filter(y, ip(y.split('/')[0]) == ip(x.split('/')[0])).size() == 1)")]
    [InlineData("duration(self.s) > duration('1s')")]
    [InlineData("self.s == 'a' + self.s")]
    [InlineData("oldSelf.i == 1 || self.i > 1.5 || self.?i.orValue(1) == 1")]
    [InlineData("self.p == 1 || self.p == 'a'")]
    [InlineData(
        "!(cidr(self.s) == cidr('10.0.0.0/8')) && !(ip(self.s) == ip('10.0.0.0')) && url(self.s) != "
        + "url('https://example.org')")]
    [InlineData("cidr(self.s).prefixLength() > 8 && cidr(self.s).containsIP(ip('1.2.3.4'))")]
    [InlineData("self.map.all(key, key.matches('^[a-z]([-a-z]{0,61}[a-z])?$'))")]
    [InlineData("self.m10.join(',').size() > 1 && '%s'.format([self.i]) == '1'")]
    public async Task Rule_IsAccepted(string rule)
    {
        ApiAnswer answer = await CreateAsync(RuleSchema(rule));

        Assert.True(answer.Code == HttpStatusCode.Created, answer.Text);
    }

    [Theory]
    [InlineData("metadata.name", "\"x.y\"",
        "metadata.name: Invalid value: \"x.y\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("spec.scope", "\"Galaxy\"",
        "spec.scope: Unsupported value: \"Galaxy\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("spec.versions.0.storage", "false", "must have exactly one version marked as storage version")]
    [InlineData("spec.versions.0.additionalPrinterColumns", """[{"name":"a","type":"colour","jsonPath":".a"}]""", "spec.additionalPrinterColumns[0].type: Invalid value: \"colour\": must be one of boolean,date,integer,number,string")]
    [InlineData("spec.versions.0.additionalPrinterColumns", """[{"name":"a","type":"string","jsonPath":"a[b"}]""", "must be a simple json path starting with .")]
    [InlineData("spec.versions.0.selectableFields", """[{"jsonPath":".spec.nope"}]""", "is an invalid path: does not refer to a valid field")]
    public async Task Definition_IsRefused(string path, string value, string message)
    {
        JsonObject definition = Definition("""{"type":"object"}""");
        string[] steps = path.Split('.');
        JsonNode at = steps[..^1].Aggregate(
            (JsonNode)definition, (n, s) => n is JsonArray a ? a[int.Parse(s)]! : n[s]!);
        at[steps[^1]] = JsonNode.Parse(value);

        ApiAnswer answer = await _api.PostAsync(Definitions + "?dryRun=All", definition.ToJsonString());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definition_IsEstablished_ServedInBothVersions_AndGoesWithItsObjects()
    {
        JsonObject definition = Definition("""{"type":"object","properties":{"spec":{"type":"object","properties":{"i":{"type":"integer"}}}}}""", "gadgets");
        JsonArray versions = definition["spec"]!["versions"]!.AsArray();
        JsonObject second = (JsonObject)versions[0]!.DeepClone();
        second["name"] = "v2";
        second["storage"] = false;
        versions.Add(second);
        string ns = await fixture.NewNamespaceAsync();
        string v1 = $"/apis/test.vipoperator.io/v1/namespaces/{ns}/gadgets", v2 = v1.Replace(
            "/v1/", "/v2/", StringComparison.Ordinal);

        ApiAnswer made = await _api.PostAsync(Definitions, definition.ToJsonString());
        await _api.ServedAsync(v2);
        ApiAnswer crd = await _api.GetAsync(Definitions + "/gadgets.test.vipoperator.io");
        await _api.PostAsync(v1, """{"apiVersion":"test.vipoperator.io/v1","kind":"Gadget","metadata":{"name":"g"},"spec":{"i":1}}""");
        ApiAnswer other = await _api.GetAsync(v2 + "/g");
        await _api.DeleteAsync(Definitions + "/gadgets.test.vipoperator.io");

        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        Assert.Equal(
            ["Established", "NamesAccepted"],
            crd.At("status", "conditions")!.AsArray().Where(c => c!["status"]!.GetValue<string>() == "True")
                .Select(c => c!["type"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal("test.vipoperator.io/v2", other.At("apiVersion")!.GetValue<string>());
        await _api.GoneAsync(v1);
    }

    private static string RuleSchema(string rule) =>
        $$"""
        {"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":{{JsonValue.Create(rule).ToJsonString()}} }],"properties":{
          "i":{"type":"integer"},"s":{"type":"string"},"p":{"x-kubernetes-int-or-string":true},
          "l":{"type":"array","items":{"type":"string"} },"n":{"type":"array","items":{"type":"integer"} },
          "m10":{"type":"array","maxItems":10,"items":{"type":"string"} },"m100":{"type":"array","maxItems":100,"items":{"type":"string"} },
          "short":{"type":"array","items":{"type":"string","maxLength":50} },
          "map":{"type":"object","maxProperties":32,"additionalProperties":{"type":"string"} },
          "bounded":{"type":"array","maxItems":64,"items":{"type":"string","maxLength":50} } } } } }
        """;

    private Task<ApiAnswer> CreateAsync(string schema) =>
        _api.PostAsync(Definitions + "?dryRun=All", Definition(schema).ToJsonString());

    private static JsonObject Definition(string schema, string plural = "bads")
    {
        string kind = char.ToUpperInvariant(plural[0]) + plural[1..^1];
        return (JsonObject)JsonNode.Parse(
            $$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{plural}}.test.vipoperator.io"},
             "spec":{"group":"test.vipoperator.io","scope":"Namespaced","names":{"plural":"{{plural}}","singular":"{{plural[..^1]}}","kind":"{{kind}}"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{schema}} } }] } }
            """)!;
    }
}
