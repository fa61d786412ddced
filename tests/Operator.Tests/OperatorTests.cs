using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>The operator as a whole, over an API server.</summary>
public sealed class OperatorTests(ApiServerFixture fixture)
{
    private const string Tutorial =
        "addresses: [192.168.1.108/32], virtualRouterId: 51, priority: {highest: 100}, vrrp: {version: 2}, probe: "
        + "{http: {}, onFailure: Demote}";

    [Fact]
    public async Task VirtualIP_BecomesMembersOfItsPods()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);

        await cluster.PlacesBecomeAsync("web", "a 100, b 99");

        JsonNode member = (await cluster.MembersAsync("web"))[0];
        JsonNode spec = member["spec"]!;
        Assert.Equal("nginx-a", spec["podName"]!.GetValue<string>());
        Assert.Equal(51, spec["virtualRouterId"]!.GetValue<int>());
        Assert.Equal(2, spec["vrrp"]!["version"]!.GetValue<int>());
        Assert.Equal(50, spec["probe"]!["weight"]!.GetValue<int>());
        Assert.Equal("web", member["metadata"]!["labels"]!["vipoperator.io/virtualip"]!.GetValue<string>());
        Assert.Equal(spec["podUid"]!.GetValue<string>(),
            member["metadata"]!["labels"]!["vipoperator.io/pod-uid"]!.GetValue<string>());
        JsonNode owner = Assert.Single(member["metadata"]!["ownerReferences"]!.AsArray())!;
        Assert.Equal("VirtualIP", owner["kind"]!.GetValue<string>());
        Assert.True(owner["controller"]!.GetValue<bool>());
        await cluster.ConditionBecomesAsync("web", "Ready", "False", "NotProgrammed");
        await cluster.EventComesAsync("web", "Normal Assigned");
    }

    [Fact]
    public async Task Reports_BecomeTheStatusOfTheVirtualIP()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");

        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ReportAsync("web", "a", "Active");

        Assert.Equal($"{cluster.NodeName("a")} is Active.", await cluster.ConditionBecomesAsync(
            "web", "Ready", "True", "Ready"));
        JsonNode status = (await cluster.VirtualIPAsync("web"))["status"]!;
        Assert.Equal(cluster.NodeName("a"), status["activeNode"]!.GetValue<string>());
        Assert.Equal("nginx-a", status["activePod"]!.GetValue<string>());
        Assert.Equal("2/2", status["readyMembers"]!.GetValue<string>());
        Assert.Equal(["Active", "Backup"], status["members"]!.AsArray().Select(m => m!["state"]!.GetValue<string>()));
        Assert.All(status["conditions"]!.AsArray(), c => Assert.Equal(1, c!["observedGeneration"]!.GetValue<int>()));
        await cluster.EventComesAsync("web", "Normal ActiveChanged");

        await cluster.ReportAsync("web", "a", "Fault");
        await cluster.ReportAsync("web", "b", "Active");

        await Eventually.TrueAsync(async () => await cluster.ActiveNodeAsync("web") == cluster.NodeName("b"));
    }

    [Fact]
    public async Task Condition_KeepsItsTransitionTimeWhileItsStatusStays()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.ConditionBecomesAsync("web", "Accepted", "True", "Accepted");
        string before = (await cluster.ConditionAsync("web", "Accepted"))!["lastTransitionTime"]!.GetValue<string>();

        // The time in the status is in whole seconds: let one pass, or nothing would be seen.
        await Eventually.TrueAsync(
            () => Task.FromResult(DateTimeOffset.UtcNow > DateTimeOffset.Parse(before, null).AddSeconds(1.1)));
        await cluster.EditVirtualIPAsync("web", """{"spec":{"virtualRouterId":52} }""");
        await Eventually.TrueAsync(
            async () => (await cluster.ConditionAsync("web", "Accepted"))!["observedGeneration"]!.GetValue<int>() == 2);

        Assert.Equal(
            before, (await cluster.ConditionAsync("web", "Accepted"))!["lastTransitionTime"]!.GetValue<string>());
    }

    [Fact]
    public async Task PodThatIsDeleted_TakesItsMemberAlong()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");

        await cluster.DeletePodAsync("nginx-a");

        await cluster.PlacesBecomeAsync("web", "b 100");
    }

    [Fact]
    public async Task PodThatJoins_StandsLast()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");

        await cluster.AddNodeAsync("0", "192.168.1.102");
        await cluster.AddPodAsync("nginx-0", "0");

        await cluster.PlacesBecomeAsync("web", "a 100, b 99, 0 98");
    }

    [Fact]
    public async Task SameAddressTwice_TheSecondIsNotAcceptedUntilTheFirstIsGone()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.ConditionBecomesAsync("web", "Accepted", "True", "Accepted");
        await cluster.AddVirtualIPAsync("again", "addresses: [192.168.1.108]");

        string message = await cluster.ConditionBecomesAsync("again", "Accepted", "False", "AddressConflict");

        Assert.Equal(
            $"The address 192.168.1.108 is taken by the VirtualIP {cluster.Namespace}/web. Remove it from "
            + $"one of the two.", message);
        await cluster.EventComesAsync("again", "Warning AddressConflict");
        Assert.Empty(await cluster.MembersAsync("again"));

        await cluster.DeleteVirtualIPAsync("web");

        await cluster.ConditionBecomesAsync("again", "Accepted", "True", "Accepted");
        await cluster.PlacesBecomeAsync("again", "a 254, b 253");
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync("web")).Length == 0);
    }

    [Fact]
    public async Task MemberThatSomebodyEdits_IsPutRight()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");
        string name = (await cluster.MembersAsync("web"))[1]["metadata"]!["name"]!.GetValue<string>();

        await cluster.EditMemberAsync(name, """{"spec":{"addresses":["10.9.9.9/32"]},"metadata":{"labels":{"vipoperator.io/pod-uid":null} } }""");

        await Eventually.TrueAsync(async () =>
        {
            JsonNode member =
                (await cluster.MembersAsync("web")).Single(m => m["metadata"]!["name"]!.GetValue<string>() == name);
            return member["spec"]!["addresses"]![0]!.GetValue<string>() == "192.168.1.108/32"
                && member["metadata"]!["labels"]!["vipoperator.io/pod-uid"] is not null;
        });
    }

    [Fact]
    public async Task OperatorThatStartsAnew_WritesNothing()
    {
        TestCluster cluster = await OfTwoAsync();
        await using (TestOperator first = await cluster.StartOperatorAsync())
        {
            await cluster.AddVirtualIPAsync("web", Tutorial);
            await ConvergeAsync(cluster);
        }

        await using TestOperator second = await cluster.StartOperatorAsync();
        await Eventually.TrueAsync(async () => await second.PlansAsync() > 0);

        Assert.Equal(0, second.Writes);
    }

    [Fact]
    public async Task QuietCluster_GetsNoWrites()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { ResyncInterval = TimeSpan.FromMilliseconds(100) });
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await ConvergeAsync(cluster);
        int writes = running.Writes;

        // What goes on in any cluster: heartbeats of nodes, notes on pods. And plans are made again and again.
        for (int i = 1; i <= 5; i++)
        {
            await cluster.HeartbeatAsync("a", "192.168.1.103", i);
            await cluster.AnnotatePodAsync("nginx-a", $"{i}");
        }

        int plans = await running.PlansAsync();
        await Eventually.TrueAsync(async () => await running.PlansAsync() > plans + 3);

        Assert.Equal(writes, running.Writes);
    }

    [Fact]
    public async Task OneChange_IsOneWritePerObject()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await ConvergeAsync(cluster);
        int writes = running.Writes;

        await cluster.EditVirtualIPAsync("web", """{"spec":{"addresses":["192.168.1.109/32"]} }""");
        await cluster.ConditionBecomesAsync("web", "Ready", "False", "NotProgrammed");

        // Two members and the status.
        Assert.Equal(writes + 3, running.Writes);
    }

    [Fact]
    public async Task TwoOperators_OneLeadsAndTheOtherTakesOverWhenItStops()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator first = await cluster.StartOperatorAsync();
        await Eventually.TrueAsync(() => Task.FromResult(first.IsLeader));
        await using TestOperator second = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");
        await Eventually.TrueAsync(() => Task.FromResult(second.IsSynced));
        Assert.False(second.IsLeader);
        Assert.Equal(0, second.Writes);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/readyz")).Code);

        await first.StopAsync();
        await cluster.DeletePodAsync("nginx-a");

        await cluster.PlacesBecomeAsync("web", "b 100");
        Assert.True(second.IsLeader);
    }

    [Fact]
    public async Task ApiServerThatIsAway_IsWaitedForAndCaughtUpWith()
    {
        await using IApiServer server = await ApiServers.StartAsync();
        using TestApi api = new(server);
        await api.InstallDefinitionsAsync();
        TestCluster cluster = await TestCluster.CreateAsync(server, api, "away");
        await AddTwoAsync(cluster);
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");

        await server.PauseAsync();
        await Eventually.TrueAsync(
            async () => (await running.GetAsync("/metrics")).Text.Contains("code=\"0\"", StringComparison.Ordinal));
        await server.ResumeAsync();
        await cluster.ServedAsync();
        await cluster.DeletePodAsync("nginx-a");

        await cluster.PlacesBecomeAsync("web", "b 100");
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/healthz")).Code);
    }

    [Fact]
    public async Task WithoutTheDefinitions_ItIsNotReadyUntilTheyAreInstalled()
    {
        await using IApiServer server = await ApiServers.StartAsync();
        using TestApi api = new(server);
        TestCluster cluster = await TestCluster.CreateAsync(server, api, "bare");
        await AddTwoAsync(cluster);
        await using TestOperator running = await cluster.StartOperatorAsync();
        await Eventually.TrueAsync(async () =>
            (await running.GetAsync("/metrics"))
            .Text.Contains("resource=\"virtualips\",code=\"404\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await running.GetAsync("/readyz")).Code);

        await api.InstallDefinitionsAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);

        await cluster.PlacesBecomeAsync("web", "a 100, b 99");
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/readyz")).Code);
    }

    [Fact]
    public async Task Metrics_TellTheStateOfEachVirtualIP()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await ConvergeAsync(cluster);

        string labels = $"{{namespace=\"{cluster.Namespace}\",virtualip=\"web\"}}";
        string[] expected =
        [
            $"vipoperator_virtualip_members{labels} 2",
            $"vipoperator_virtualip_ready_members{labels} 2",
            $"vipoperator_virtualip_active_members{labels} 1",
            $"vipoperator_virtualip_ready{labels} 1",
            "vipoperator_operator_leader 1",
            $"vipoperator_virtualip_condition{labels[..^1]},type=\"Available\",reason=\"OneActive\"}} 1",
        ];
        await Eventually.TrueAsync(async () =>
            !expected.Except((await running.GetAsync("/metrics")).Text.Split('\n')).Any());

        await cluster.DeleteVirtualIPAsync("web");
        await Eventually.TrueAsync(async () =>
            !(await running.GetAsync("/metrics")).Text.Contains("virtualip=\"web\"", StringComparison.Ordinal));
    }

    /// <summary>A node that died says "Active" for ever.</summary>
    [Fact]
    public async Task Metrics_CountNoActiveThatIsNotHeardOf()
    {
        TestCluster cluster = await OfTwoAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", Tutorial);
        await ConvergeAsync(cluster);

        await cluster.LoseNodeAsync("a");
        await cluster.LoseNodeAsync("b");
        await cluster.ConditionBecomesAsync("web", "Available", "Unknown", "ActiveNotHeard");

        string labels = $"{{namespace=\"{cluster.Namespace}\",virtualip=\"web\"}}";
        string[] expected =
            [$"vipoperator_virtualip_members{labels} 2", $"vipoperator_virtualip_active_members{labels} 0"];
        await Eventually.TrueAsync(async () =>
            !expected.Except((await running.GetAsync("/metrics")).Text.Split('\n')).Any());
    }

    private async Task<TestCluster> OfTwoAsync()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddTwoAsync(cluster);
        return cluster;
    }

    private static async Task AddTwoAsync(TestCluster cluster)
    {
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("nginx-a", "a");
        await cluster.AddPodAsync("nginx-b", "b");
    }

    private static async Task ConvergeAsync(TestCluster cluster)
    {
        await cluster.PlacesBecomeAsync("web", "a 100, b 99");
        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ConditionBecomesAsync("web", "Ready", "True", "Ready");
        await cluster.RolesBecomeAsync("nginx-a", "active", "nginx-b", "backup");

        // The last of all that is written.
        await cluster.EventComesAsync("web", "Normal ActiveChanged");
    }
}
