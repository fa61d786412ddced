using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>Moves on purpose, over an API server.</summary>
public sealed class HandoverTests(ApiServerFixture fixture)
{
    [Theory]
    [InlineData("""{"metadata":{"annotations":{"vipoperator.io/evacuate":"true"} } }""", """{"metadata":{"annotations":{"vipoperator.io/evacuate":null} } }""")]
    [InlineData("""{"spec":{"taints":[{"key":"maintenance","effect":"NoExecute"}]} }""", """{"spec":{"taints":null} }""")]
    public async Task NodeThatIsEvacuated_HandsOverAndTheStatusSaysWhenItIsFree(string evacuate, string comeBack)
    {
        TestCluster cluster = await ServingAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await ConvergeAsync(cluster);

        await cluster.EditNodeAsync("a", evacuate);

        await cluster.PlacesBecomeAsync("web", "b 254, a 253");
        await cluster.ConditionBecomesAsync("web", "Placed", "False", "HandingOver");
        await cluster.EventComesAsync("web", "Normal HandingOver");

        await cluster.ReportAsync("web", "b", "Active");
        await cluster.ReportAsync("web", "a", "Backup");
        string message = await cluster.ConditionBecomesAsync("web", "Placed", "True", "Placed");

        Assert.StartsWith(
            $"The addresses may stay on {cluster.NodeName("b")}. Free of the addresses: {cluster.NodeName("a")}, ",
            message, StringComparison.Ordinal);
        await cluster.EventComesAsync("web", "Normal HandedOver");
        await cluster.RolesBecomeAsync("nginx-a", "backup", "nginx-b", "active");

        await cluster.EditNodeAsync("a", comeBack);
        await Eventually.TrueAsync(async () =>
            (await cluster.ConditionAsync("web",
                "Placed"))!["message"]!.GetValue<string>() == $"The addresses may stay on {cluster.NodeName("b")}.");
        await cluster.PlacesBecomeAsync("web", "b 254, a 253");
    }

    [Fact]
    public async Task ActiveNodeAnnotation_MovesTheAddressOrSaysWhyItCannot()
    {
        TestCluster cluster = await ServingAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await ConvergeAsync(cluster);

        await cluster.EditVirtualIPAsync("web", """{"metadata":{"annotations":{"vipoperator.io/active-node":"nowhere"} } }""");
        string message = await cluster.ConditionBecomesAsync("web", "Placed", "False", "ActiveNodeUnavailable");
        Assert.StartsWith(
            "The annotation vipoperator.io/active-node asks for nowhere, but no pod that the selector matches runs "
            + "there. The addresses stay on",
            message,
            StringComparison.Ordinal);
        await cluster.EventComesAsync("web", "Warning ActiveNodeUnavailable");

        await cluster.EditVirtualIPAsync("web", $$"""{"metadata":{"annotations":{"vipoperator.io/active-node":"{{cluster.NodeName("b")}}"} } }""");
        await cluster.PlacesBecomeAsync("web", "b 254, a 253");
        await cluster.ReportAsync("web", "b", "Active");
        await cluster.ReportAsync("web", "a", "Backup");
        await cluster.ConditionBecomesAsync("web", "Placed", "True", "Placed");
    }

    [Fact]
    public async Task CordonedNode_MovesNothingUnlessTheVirtualIPAsksForIt()
    {
        TestCluster cluster = await ServingAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await ConvergeAsync(cluster);
        int writes = running.Writes;

        await cluster.EditNodeAsync("a", """{"spec":{"unschedulable":true} }""");
        int plans = await running.PlansAsync();
        await Eventually.TrueAsync(async () => await running.PlansAsync() > plans);
        Assert.Equal(writes, running.Writes);

        await cluster.EditVirtualIPAsync("web", """{"spec":{"priority":{"demoteCordoned":true} } }""");
        await cluster.PlacesBecomeAsync("web", "b 254, a 253");
    }

    [Fact]
    public async Task RoleLabels_GoWithTheVirtualIP()
    {
        TestCluster cluster = await ServingAsync();
        await using TestOperator running = await cluster.StartOperatorAsync();
        await ConvergeAsync(cluster);

        await cluster.DeleteVirtualIPAsync("web");

        await cluster.RolesBecomeAsync("nginx-a", null, "nginx-b", null);
    }

    private async Task<TestCluster> ServingAsync()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("nginx-a", "a");
        await cluster.AddPodAsync("nginx-b", "b");
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108/32], priority: {spread: false}");
        return cluster;
    }

    private static async Task ConvergeAsync(TestCluster cluster)
    {
        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ConditionBecomesAsync("web", "Ready", "True", "Ready");
        await cluster.RolesBecomeAsync("nginx-a", "active", "nginx-b", "backup");
        await cluster.EventComesAsync("web", "Normal ActiveChanged");
    }
}
