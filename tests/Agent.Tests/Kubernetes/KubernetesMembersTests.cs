using System.Text.Json.Nodes;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;
using static VipOperator.Agent.Tests.Kubernetes.KubernetesHarness;

namespace VipOperator.Agent.Tests.Kubernetes;

/// <summary>The whole agent with the members of an API server.</summary>
public sealed class KubernetesMembersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_MembersOfThePod_AreListedInPagesAndRun()
    {
        await using FakeApiServer server = new();
        for (int i = 1; i <= 5; i++)
            server.Put($"web-{i}", Spec(i));
        server.Put("foreign", Spec(6), podUid: "another");
        await using AgentHarness agent = await StartAsync(server);

        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 5, Cancellation);

        Assert.Equal(3, server.Requests.Count(
            r => r.StartsWith("GET", StringComparison.Ordinal) && !r.Contains("watch", StringComparison.Ordinal)));
        Assert.Single(agent.Sidecar.Configurations);
    }

    [Fact]
    public async Task Watch_AddedModifiedDeleted_AreFollowed()
    {
        await using FakeApiServer server = new();
        await using AgentHarness agent = await StartAsync(server);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        Assert.Empty(agent.Sidecar.Routers);

        server.Put("web", Spec(51));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 1, Cancellation);
        JsonObject better = Spec(51);
        better["priority"] = 200;
        server.Put("web", better);
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.Priority.Value == 200, Cancellation);
        server.Delete("web");
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.IsEmpty, Cancellation);
    }

    [Fact]
    public async Task Standby_NoRouterIsRun_AndTheStatusSaysSoWhenTheSidecarHasTakenIt()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => (string?)server.StatusOf("web")?["state"] == "Backup");

        JsonObject standby = Spec(51);
        standby["standby"] = true;
        server.Put("web", standby);
        // The planner reads this word.
        await UntilAsync(() => (string?)server.StatusOf("web")?["reason"] == "HeldBack");

        Assert.Empty(agent.Sidecar.Routers);
        JsonObject status = server.StatusOf("web")!;
        Assert.Equal("Initialize", (string?)status["state"]);
        Assert.NotNull(status["observedGeneration"]);

        server.Put("web", Spec(51));
        await UntilAsync(() => (string?)server.StatusOf("web")?["state"] == "Backup");
        Assert.Single(agent.Sidecar.Routers);
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_Hints_SayWhatIsSeenAndWhatToDo()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        for (int i = 0; i < 3; i++)
        {
            agent.Sidecar.Hint(1, new RouterHint(
                RouterHintKind.OtherInterval, FakeSidecar.Now, IpAddress.Parse("192.168.1.104"), default, default));
            await UntilAsync(() => server.StatusOf("web")?["hints"] is not null);
            await agent.GetAsync("/state", cancellation);
        }

        const string Words =
            "192.168.1.104 advertises at another interval than ours. Give all members of the virtual router the same "
            + "advertisement interval.";
        JsonObject status = server.StatusOf("web")!;
        Assert.Equal("IPv4", (string?)status["hints"]![0]!["family"]);
        Assert.Equal("OtherInterval", (string?)status["hints"]![0]!["kind"]);
        Assert.Equal(Words, (string?)status["hints"]![0]!["message"]);
        Assert.Equal(Words, (string?)status["message"]);
        // Seen again is no news.
        Assert.Equal(2, server.Patches.Count);

        agent.Sidecar.Hint(1);
        await UntilAsync(() => server.StatusOf("web")?["hints"] is null);
    }

    [Fact(Timeout = 60_000)]
    public async Task Secret_WrongOrMissing_IsAProblemInTheStatusWithoutItsContent()
    {
        const string Canary = "canary-5f0c1d9e";
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using FakeApiServer server = new();
        JsonObject spec = Spec(51);
        spec["vrrp"] = JsonNode.Parse(
            """{"version": 2, "authentication": {"type": "Simple", "secretRef": {"name": "vrrp", "key": "password"}}}""");
        server.Put("web", spec);
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => (string?)server.StatusOf("web")?["reason"] == "SecretUnavailable");
        Assert.Equal(
            $"spec.vrrp.authentication.secretRef: {agent.Settings.SecretsDirectory}/vrrp/password does not exist; "
            + $"mount key password of Secret vrrp there",
            (string?)server.StatusOf("web")!["message"]);

        agent.WriteSecret("vrrp", "password", Canary);
        await UntilAsync(() => (string?)server.StatusOf("web")?["reason"] == "InvalidSpec");
        Assert.Equal(
            "authentication: the password has 15 bytes; 1 to 8 (keepalived uses the first 8 of a longer one)",
            (string?)server.StatusOf("web")!["message"]);
        agent.WriteSecret("vrrp", "password", "1111222");
        await UntilAsync(() => (string?)server.StatusOf("web")?["state"] == "Backup");

        string[] outputs =
        [
            agent.Log,
            (await agent.GetAsync("/state", cancellation)).Body,
            (await agent.GetAsync("/metrics", cancellation)).Body,
            .. server.Patches.Select(p => p.ToString()),
            .. Directory.EnumerateFiles(agent.Settings.StateDirectory, "*.json").Select(File.ReadAllText),
        ];
        Assert.All(outputs, output =>
        {
            Assert.DoesNotContain(Canary, output, StringComparison.Ordinal);
            Assert.DoesNotContain("1111222", output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Status_IsWrittenOnChangesOnly()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => (string?)server.StatusOf("web")?["state"] == "Backup");

        JsonObject status = server.StatusOf("web")!;
        Assert.Equal(1, (int)status["observedGeneration"]!);
        Assert.Equal("Startup", (string?)status["reason"]);
        Assert.Equal("Disabled", (string?)status["probe"]!["result"]);
        Assert.Equal(100, (int)status["effectivePriority"]!);
        Assert.Equal("IPv4", (string?)status["routers"]![0]!["family"]);
        Assert.Equal("127.0.0.1", (string?)status["routers"]![0]!["primaryAddress"]);

        agent.Sidecar.Report(
            1, RouterStateKind.Active, TransitionReason.ActiveDownTimerExpired, null, "192.168.1.51/32");
        await UntilAsync(() => (string?)server.StatusOf("web")?["state"] == "Active");
        Assert.Equal("192.168.1.51/32", (string?)server.StatusOf("web")!["boundAddresses"]![0]);

        // Scrapes ask the sidecar for reports; what they say is the same.
        int writes = server.Patches.Count;
        for (int i = 0; i < 3; i++)
            await agent.GetAsync("/metrics", Cancellation);
        server.Bookmark();
        JsonObject explained = Spec(51);
        explained["explanation"] = "first";
        server.Put("web", explained);
        await UntilAsync(() => (int)server.StatusOf("web")!["observedGeneration"]! == 2);
        Assert.Equal(writes + 1, server.Patches.Count);
        Assert.Single(agent.Sidecar.Configurations);
    }

    [Fact]
    public async Task Status_ManyChanges_AreJoined()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        for (int i = 0; i < 100; i++)
            agent.Sidecar.Report(
                1, i % 2 == 0 ? RouterStateKind.Active : RouterStateKind.Backup, TransitionReason.HigherPriorityHeard);
        agent.Sidecar.Report(1, RouterStateKind.Fault, TransitionReason.LinkDown);
        await UntilAsync(() => (string?)server.StatusOf("web")?["reason"] == "LinkDown");

        DateTime[] written = [.. server.Patches.Select(p => p.At)];
        Assert.True(written.Length < 20, $"{written.Length} writes");
    }

    [Fact]
    public async Task InvalidMember_IsReported_AndTheOthersGoOn()
    {
        await using FakeApiServer server = new();
        server.Put("good", Spec(51));
        JsonObject odd = Spec(52);
        odd["virtualRouterId"] = "fifty-two";
        odd["vrrp"] = new JsonObject { ["advertisementInterval"] = "15ms" };
        server.Put("odd", odd);
        await using AgentHarness agent = await StartAsync(server);

        await UntilAsync(() => server.StatusOf("odd") is not null && server.StatusOf("good") is not null);

        JsonObject status = server.StatusOf("odd")!;
        Assert.Equal("Fault", (string?)status["state"]);
        Assert.Equal("InvalidSpec", (string?)status["reason"]);
        Assert.Equal(
            "spec.virtualRouterId: is a string; allowed is a whole number from 1 to 255; "
            + "spec.vrrp.advertisementInterval: is 15ms; with version 3 allowed is 10ms to 40s950ms in steps of 10ms",
            (string?)status["message"]);
        Assert.Null(status["observedGeneration"]);
        Assert.Equal("default/good", agent.Sidecar.Routers.Single().Name);

        server.Put("odd", Spec(52));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, Cancellation);
        await UntilAsync(
            () => (string?)server.StatusOf("odd")!["state"] == "Backup" && server.StatusOf("odd")!["message"] is null);
    }

    [Fact]
    public async Task RunningMember_ThatBecomesInvalid_GoesOnAsItWas()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        JsonObject wrong = Spec(51);
        wrong["priority"] = 0;
        server.Put("web", wrong);
        await UntilAsync(() => (string?)server.StatusOf("web")!["reason"] == "InvalidSpec");

        Assert.Single(agent.Sidecar.Configurations);
        Assert.Equal("Backup", (string?)server.StatusOf("web")!["state"]);
        Assert.Equal(1, (int)server.StatusOf("web")!["observedGeneration"]!);
    }

    [Fact]
    public async Task Conflict_OfTwoMembers_TheOneThatRunsKeepsItsPlace()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        JsonObject newcomer = Spec(51);
        newcomer["virtualIPName"] = "shop";
        server.Put("a-newcomer", newcomer);
        await UntilAsync(() => (string?)server.StatusOf("a-newcomer")?["reason"] == "Conflict");

        Assert.Equal("default/web", agent.Sidecar.Routers.Single().Name);
        Assert.Contains("192.168.1.51, which default/web has already",
            (string?)server.StatusOf("a-newcomer")!["message"], StringComparison.Ordinal);
        Assert.Contains(
            "\nvipoperator_member_problem{namespace=\"default\",virtualip=\"shop\",reason=\"Conflict\"} 1\n",
            (await agent.GetAsync("/metrics", Cancellation)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfTheSidecar_IsTheMembersStatus()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await server.StartAsync();
        await using AgentHarness agent = NewAgent(server);
        agent.Sidecar.Problems = c =>
            [.. c.Routers.Select(r => new ConfigureProblem(r.Handle, "eth0 carries this id already"))];
        agent.Start();

        await UntilAsync(() => server.StatusOf("web") is not null);

        Assert.Equal("Fault", (string?)server.StatusOf("web")!["state"]);
        Assert.Equal("Refused", (string?)server.StatusOf("web")!["reason"]);
        Assert.Equal("eth0 carries this id already", (string?)server.StatusOf("web")!["message"]);
    }

    [Fact]
    public async Task SidecarGone_LastReportsAreWrittenFirst()
    {
        await using FakeApiServer server = new();
        server.Put("web", Spec(51));
        await using AgentHarness agent = await StartAsync(server);
        await UntilAsync(() => server.StatusOf("web") is not null);

        agent.Sidecar.Report(1, RouterStateKind.Initialize, TransitionReason.Shutdown);
        agent.Sidecar.Close();
        await agent.Running.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal("Shutdown", (string?)server.StatusOf("web")!["reason"]);
    }
}
