using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>The schemas that kubectl checks manifests against.</summary>
public sealed class OpenApiTests(ApiServerFixture fixture)
{
    private const string Prefix = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    // kubectl 1.20 takes "object" for an object, and refuses a default that is a word or a number.
    [Theory]
    [InlineData("default")]
    [InlineData("example")]
    [InlineData("items")]
    [InlineData("additionalProperties")]
    public async Task FieldsThatMayBeAnything_HaveNoType(string field)
    {
        ApiAnswer answer = await fixture.Client.GetAsync("/openapi/v2");

        JsonNode schema = answer.At("definitions", Prefix + "JSONSchemaProps", "properties", field)!;
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            schema = answer.At("definitions", reference["#/definitions/".Length..])!;
        Assert.Null(schema["type"]);
    }
}
