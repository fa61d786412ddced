using System.Net;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>What a schema and its rules refuse, with the words that a person reads at kubectl.</summary>
public sealed class SchemaTests(ApiServerFixture fixture)
{
    private const string NotChecked = "some validation rules were not checked because the object was invalid; "
        + "correct the existing errors to complete validation";

    private readonly ApiClient _api = fixture.Client;

    [Theory]
    [InlineData("""{"size":0}""", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    [InlineData("""{"size":101}""", "spec.size: Invalid value: 101: spec.size in body should be less than or equal to 100")]
    [InlineData("""{"size":"x"}""", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"")]
    [InlineData("""{"size":1.5}""", "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\"")]
    [InlineData("""{"size":1,"mode":"C"}""", "spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"")]
    [InlineData("""{"size":1,"version":4}""", "spec.version: Unsupported value: 4: supported values: \"2\", \"3\"")]
    [InlineData("""{"size":1,"name":"a"}""", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"size":1,"name":"abcdef"}""", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"size":1,"name":"AB"}""", "spec.name: Invalid value: \"AB\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"size":1,"tags":[]}""", "spec.tags: Invalid value: 0: spec.tags in body should have at least 1 items")]
    [InlineData("""{"size":1,"tags":["a","b","c","d"]}""", "spec.tags: Too many: 4: must have at most 3 items")]
    [InlineData("""{"size":1,"tags":["a","a"]}""", "spec.tags[1]: Duplicate value: \"a\"")]
    [InlineData("""{"size":1,"ports":[{"name":"a"},{"name":"a"}]}""", "spec.ports[1]: Duplicate value: {\"name\":\"a\"}")]
    [InlineData("""{"size":1,"ports":[{}]}""", "spec.ports[0].name: Required value")]
    [InlineData("""{"size":1,"ports":[{"name":"a","port":true}]}""", "spec.ports[0].port: Invalid value: \"boolean\": spec.ports[0].port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"size":1,"labels":{"a":1}}""", "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of type string: \"integer\"")]
    [InlineData("""{"size":1,"labels":{"a":"","b":"","c":""}}""", "spec.labels: Too many: 3: must have at most 2 items")]
    [InlineData("""{"size":1,"ratio":0}""", "spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0")]
    [InlineData("""{"size":1,"when":"yesterday"}""", "spec.when: Invalid value: \"yesterday\": spec.when in body must be of type date-time: \"yesterday\"")]
    [InlineData("""{"size":1,"free":[]}""", "spec.free: Invalid value: \"array\": spec.free in body must be of type object: \"array\"")]
    [InlineData("[]", "spec: Invalid value: \"array\": spec in body must be of type object: \"array\"")]
    [InlineData("{}", "spec.size: Required value")]
    [InlineData("{}", NotChecked)]
    [InlineData("""{"size":13}""", "spec: Invalid value: size must not be 13")]
    [InlineData("""{"size":2,"mode":"B"}""", "spec.mode: Forbidden: mode B needs size above 3")]
    [InlineData("""{"size":1,"ip":"10.0.0"}""", "spec.ip: Invalid value: \"10.0.0\": must be an IP")]
    public async Task Spec_IsRefused(string spec, string message)
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer answer = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", spec));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Equal("Invalid", answer.Reason);
        Assert.StartsWith("Widget.test.vipoperator.io \"one\" is invalid: ", answer.Message, StringComparison.Ordinal);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"size":1,"optional":null,"mode":null}""", """{"size":1,"optional":null,"mode":"A"}""")]
    [InlineData("""{"size":1,"flag":null,"foo":1}""", """{"size":1,"mode":"A"}""")]
    [InlineData("""{"size":1,"free":{"x":{"y":[1,null]}}}""", """{"size":1,"mode":"A","free":{"x":{"y":[1,null]}}}""")]
    [InlineData("""{"size":1,"ports":[{"name":"a","port":"http","bar":1}]}""", """{"size":1,"mode":"A","ports":[{"name":"a","port":"http","proto":"TCP"}]}""")]
    [InlineData("""{"size":1,"ratio":2,"ip":"::1"}""", """{"size":1,"mode":"A","ratio":2,"ip":"::1"}""")]
    public async Task Spec_IsPrunedAndFilledIn(string sent, string stored)
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer answer = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", sent));

        Assert.True(answer.Code == HttpStatusCode.Created, answer.Text);
        Assert.True(
            System.Text.Json.Nodes.JsonNode.DeepEquals(
                System.Text.Json.Nodes.JsonNode.Parse(stored), answer.At("spec")),
            answer.At("spec")!.ToJsonString());
    }

    [Fact]
    public async Task TransitionRule_ComparesWithTheValueBefore()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":50}"""));

        ApiAnswer small = await _api.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":40}}""");
        ApiAnswer large = await _api.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":20}}""");

        Assert.Equal(HttpStatusCode.OK, small.Code);
        Assert.Contains(
            "spec: Invalid value: size may not shrink by more than 10", large.Message, StringComparison.Ordinal);
    }
}
