using System.Text.Json.Nodes;
using VipOperator.Vrrp;
using static VipOperator.Agent.Tests.Kubernetes.KubernetesHarness;

namespace VipOperator.Agent.Tests.Kubernetes;

/// <summary>The whole agent with an API server that comes and goes, or talks nonsense.</summary>
public sealed class ApiServerTroubleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HistoryLost_ListsAgainWithoutAnOutage()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null
            && server.Requests.Any(r => r.Contains("watch=true", StringComparison.Ordinal)));

        server.LoseHistory();
        await UntilAsync(() => server.Requests.Count(r => r.Contains("watch=true", StringComparison.Ordinal)) == 2);
        server.Put("mail", Spec(52));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, Cancellation);

        Assert.DoesNotContain("is not to be had", agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outage_NothingStops_AndStatusIsRightWhenItIsOver()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        await server.StopAsync();
        await agent.UntilAsync(
            "/state", s => s.Body.Contains("\"connected\": false", StringComparison.Ordinal), Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.ActiveDownTimerExpired);
        server.Put("mail", Spec(52));
        Assert.Equal("default/web", agent.Sidecar.Routers.Single().Name);
        await server.StartAsync();

        await UntilAsync(
            () => (string?)server.StatusOf("web")!["state"] == "Active" && server.StatusOf("mail") is not null);
        Assert.Single(LogLines(agent, "is not to be had"));
    }

    [Fact]
    public async Task StatusRefused_IsTriedAgain()
    {
        await using FakeApiServer server = new() { PatchStatus = 500 };
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.Requests.Count(r => r.StartsWith("PATCH", StringComparison.Ordinal)) >= 2);

        server.PatchStatus = 200;
        await UntilAsync(() => server.StatusOf("web") is not null);

        Assert.Single(LogLines(agent, "cannot be written"));
    }

    [Fact(Timeout = 60_000)]
    public async Task StatusOfOneMemberForbidden_TheOthersAreWrittenAllTheSame()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using FakeApiServer server = new() { Forbidden = "alpha" };
        server.Put("alpha", Spec(51));
        server.Put("beta", Spec(52));
        await using AgentHarness agent = await StartAsync(server);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, cancellation);
        await UntilAsync(() => server.StatusOf("beta") is not null
            && server.Requests.Count(r => r.Contains("virtualipmembers/alpha/status", StringComparison.Ordinal)) >= 4);

        agent.Sidecar.Report(2, RouterStateKind.Active, TransitionReason.ActiveDownTimerExpired);
        await UntilAsync(() => (string?)server.StatusOf("beta")!["state"] == "Active");

        Assert.Null(server.StatusOf("alpha"));
        server.Forbidden = null;
        await UntilAsync(() => server.StatusOf("alpha") is not null);
        Assert.Contains("default/alpha", Assert.Single(LogLines(agent, "cannot be written")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_WithoutAnApiServer_RunsTheSavedConfiguration()
    {
        string folder = Directory.CreateTempSubdirectory("agent-tests-").FullName;
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await server.StartAsync();
        await using (AgentHarness first = NewAgent(server, folder))
        {
            first.Start();
            await first.Sidecar.UntilAsync(() => first.Sidecar.Routers.Length == 1, Cancellation);
            await UntilAsync(() => File.Exists(Path.Combine(folder, "state", "members.json")));
            File.Copy(Path.Combine(folder, "state", "members.json"),
                Path.Combine(Path.GetTempPath(), Path.GetFileName(folder) + ".json"));
        }

        await server.StopAsync();
        Directory.CreateDirectory(Path.Combine(folder, "state"));
        File.Move(Path.Combine(Path.GetTempPath(), Path.GetFileName(folder) + ".json"),
            Path.Combine(folder, "state", "members.json"));
        await using AgentHarness second = NewAgent(server, folder);
        second.Start();
        await second.Sidecar.UntilAsync(() => second.Sidecar.Routers.Length == 1, Cancellation);

        Assert.Equal(51, second.Sidecar.Routers.Single().Parameters.VirtualRouterId.Value);
        Assert.Contains("running the configuration saved at", second.Log, StringComparison.Ordinal);

        // The truth replaces it as soon as it is to be had.
        server.Put("web", Spec(53));
        await server.StartAsync();
        await second.Sidecar.UntilAsync(
            () => second.Sidecar.Routers.Single().Parameters.VirtualRouterId.Value == 53, Cancellation);
        await UntilAsync(() => (int?)server.StatusOf("web")?["observedGeneration"] == 2);
    }

    [Fact]
    public async Task Start_SilentApiServer_RunsTheSavedConfigurationSoon()
    {
        await using FakeApiServer server = new() { Silent = true };
        await server.StartAsync();
        await using AgentHarness agent = NewAgent(server);
        await SaveAsync(agent, Spec(51));
        agent.Start();

        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 1, Cancellation);
    }

    [Theory]
    [InlineData("first\nsecond")]
    [InlineData("first\0second")]
    [InlineData("first second")]
    [InlineData("fürst")]
    public async Task Start_TokenFileThatHoldsNoToken_RunsTheSavedConfiguration_AndTheNextTokenIsTaken(string content)
    {
        await using FakeApiServer server = new();
        server.Put("mail", Spec(52));
        await server.StartAsync();
        await using AgentHarness agent = NewAgent(server);
        await SaveAsync(agent, Spec(51));
        string token = Path.Combine(agent.Settings.ServiceAccountDirectory, "token");
        await File.WriteAllTextAsync(token, content, Cancellation);
        agent.Start();

        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 1, Cancellation);
        Assert.Equal("default/web", agent.Sidecar.Routers.Single().Name);
        string line = Assert.Single(LogLines(agent, "is not to be had"));
        Assert.Contains(token + " holds no token", line, StringComparison.Ordinal);
        Assert.DoesNotContain("second", line, StringComparison.Ordinal);

        await File.WriteAllTextAsync(token, "first.second\n", Cancellation);
        await UntilAsync(() => server.StatusOf("mail") is not null);
    }

    [Theory]
    [InlineData("""{"podUid":"another","savedAt":"2026-01-01T00:00:00Z","members":[]}""")]
    [InlineData("""{"podUid":"uid-1"}""")]
    [InlineData("""{"podUid":"uid-1","savedAt":"2026-01-01T00:00:00Z","members":{}}""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Start_SavedConfigurationOfNoUse_IsLeftAlone(string content)
    {
        await using FakeApiServer server = new();
        await using AgentHarness agent = NewAgent(server);
        Directory.CreateDirectory(agent.Settings.StateDirectory);
        await File.WriteAllTextAsync(
            Path.Combine(agent.Settings.StateDirectory, "members.json"), content, Cancellation);
        agent.Start();
        while (!agent.Log.Contains("is left alone", StringComparison.Ordinal))
            await Task.Delay(20, Cancellation);

        Assert.Empty(agent.Sidecar.Configurations);
        server.Put("web", Spec(51));
        await server.StartAsync();
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 1, Cancellation);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"type\":\"ADDED\"}")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":7}}}")]
    [InlineData("{\"type\":\"NEW\",\"object\":{}}")]
    public async Task Watch_Nonsense_ChangesNothingAndIsGotOver(string line)
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null
            && server.Requests.Any(r => r.Contains("watch=true", StringComparison.Ordinal)));

        server.Write(line);
        server.Put("mail", Spec(52));

        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, Cancellation);
    }

    private static Task SaveAsync(AgentHarness agent, JsonObject spec)
    {
        Directory.CreateDirectory(agent.Settings.StateDirectory);
        return File.WriteAllTextAsync(
            Path.Combine(agent.Settings.StateDirectory, "members.json"),
            $$"""{"podUid":"uid-1","savedAt":"2026-01-01T00:00:00Z","members":[{"metadata":{"name":"web","namespace":"default","uid":"u"},"spec":{{spec.ToJsonString()}}}]}""",
            Cancellation);
    }
}
