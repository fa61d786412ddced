using System.Net;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Creating, updating and deleting.</summary>
public sealed class WriteTests(ApiServerFixture fixture)
{
    private readonly ApiClient _api = fixture.Client;

    [Fact]
    public async Task Create_GivesIdentity_GenerationAndDefaults()
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(1, made.At("metadata", "generation")!.GetValue<int>());
        Assert.Equal("A", made.At("spec", "mode")!.GetValue<string>());
        Assert.NotNull(made.At("metadata", "uid"));
        Assert.NotNull(made.At("metadata", "creationTimestamp"));
    }

    [Fact]
    public async Task Put_WithStaleResourceVersion_IsAConflict()
    {
        string ns = await fixture.NewNamespaceAsync();
        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));
        string old = $"\"resourceVersion\":\"{made.ResourceVersion}\"";
        await _api.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":2}}""");

        ApiAnswer answer = await _api.PutAsync(Widgets.Path(ns, "one"), Widgets.Json("one", """{"size":3}""", old));

        Assert.Equal(HttpStatusCode.Conflict, answer.Code);
        Assert.Equal("Conflict", answer.Reason);
        Assert.Equal(
            "Operation cannot be fulfilled on widgets.test.vipoperator.io \"one\": the object has been modified; "
                + "please apply your changes to the latest version and try again",
            answer.Message);
    }
}
