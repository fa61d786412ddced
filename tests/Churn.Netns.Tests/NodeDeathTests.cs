using System.Text.Json.Nodes;
using VipOperator.Churn.Netns.Tests.Support;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Churn.Netns.Tests;

/// <summary>A node with fifty addresses on it loses its power.</summary>
public sealed class NodeDeathTests(ChurnTable table)
{
    private const int Count = 50;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NodeDies_AllItsAddressesAreTakenOver_AndTheStatusOfEachSaysSo()
    {
        await using ChurnLab lab = await ChurnLab.StartAsync();
        LabNode dead = lab.Lab.NodeOf(NetworkHost.Node1);
        LabNode survivor = lab.Lab.NodeOf(NetworkHost.Node2);
        string[] names = [.. Enumerable.Range(0, Count).Select(i => $"web{i:00}")];
        await lab.ApplyAsync([.. names.Select((name, i) => (name, $"{{addresses: [{AddressOf(i)}], {Spec}}}"))]);
        await lab.ServeAsync($"{{addresses: [{ChurnLab.Address}], {Spec}}}");
        await lab.BecomesAsync(() => AllActiveOnAsync(lab, dead), "the node that is to die has all addresses");
        Assert.Equal(Count, await HeldByAsync(dead));

        await using ChildProcess monitor = Monitor(survivor);
        await lab.BeginAsync();
        long since = Clock.NowMicroseconds;
        await dead.PowerOffAsync(() => lab.Lab.Network.UnplugAsync(dead.Host, Cancellation));
        TimeSpan taken = Clock.Span(await LastTakenAsync(monitor) - since);
        await lab.BecomesAsync(
            () => AllActiveOnAsync(lab, survivor), "the status of each says that the other node is Active");
        TimeSpan told = Clock.Span(Clock.NowMicroseconds - since);

        for (int i = 0; i < Count; i++)
        {
            ToolResult answer = await lab.Lab.ExecAsync(
                NetworkHost.Client, ["curl", "-s", "--max-time", "2", $"http://{AddressOf(i)}/"], Cancellation);
            Assert.Equal(survivor.Host.Address.ToString(), answer.Output.Trim());
        }

        ChurnRow row = await lab.EndAsync(
            $"node with {Count + 1} VirtualIPs loses its power (all taken after {taken.TotalSeconds:0.0} s, told by "
            + $"all statuses after {told.TotalSeconds:0.0} s)");
        // In the lab the dead node's kernel lives, off the network, and holds the addresses until their lifetime is
        // over.
        table.Add(row with { TwoHolders = TimeSpan.Zero });
        Assert.Equal(1, row.Moves);

        // Nobody has found the node to be not Ready, as nobody does for the first 40 s. Its members say that they are
        // Active still.
        await lab.BecomesAsync(() => AllUnknownOnAsync(lab, dead),
            "the status of each says that nothing is heard of the dead node's member");
        Assert.True(await AllActiveOnAsync(lab, survivor));
        ToolResult events = await lab.Lab.KubectlAsync(
            ["get", "events", "--field-selector=reason=MultipleActive"], Cancellation);
        Assert.Equal("", events.Output);
    }

    private static ChildProcess Monitor(LabNode node) => ChildProcess.Start(new ChildProcessSpec
    {
        Name = "address monitor",
        Program = "ip",
        Arguments = ["-n", node.Namespace, "-ts", "-o", "monitor", "address"],
        Environment = new Dictionary<string, string> { ["TZ"] = "UTC" },
    });

    /// <summary>When the last of the addresses came, by the kernel's word.</summary>
    private static async Task<long> LastTakenAsync(ChildProcess monitor)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        bound.CancelAfter(ChurnLab.Bound);
        HashSet<string> missing = [.. Enumerable.Range(0, Count).Select(AddressOf)];
        long last = 0;
        while (missing.Count > 0)
        {
            string line = await monitor.Output.ReadLineAsync(bound.Token)
                ?? throw new InvalidOperationException("The monitor has ended.");
            if (OwnerChange.Parse("", line) is { Held: true } change && missing.Remove(change.Address.ToString()))
                last = change.At;
        }

        return last;
    }

    private static async Task<bool> AllUnknownOnAsync(ChurnLab lab, LabNode node) =>
        (await lab.Lab.Api.GetAsync(ClusterObjects.VirtualIPsPath, Cancellation))["items"]!.AsArray()
        .All(v => v!["status"]!["members"]!.AsArray()
            .Any(m => m!["nodeName"]!.GetValue<string>() == node.Host.Name
                && m["state"]?.GetValue<string>() == "Unknown"));

    private static string Spec =>
        "selector: {matchLabels: {app: nginx}}, probe: {http: {port: 80}}, " +
        "priority: {preferences: [{nodeSelector: {matchLabels: {kubernetes.io/hostname: node1}}, weight: 10}]}";

    private static string AddressOf(int i) => $"192.168.1.{120 + i}";

    private static async Task<int> HeldByAsync(LabNode node) =>
        (await Tool.RunAsync(
            "ip", ["-n", node.Namespace, "-4", "-o", "address", "show", "dev", NetworkHost.Link], Cancellation))
            .Split('\n')
            .Count(l => Enumerable.Range(0, Count).Any(i => l.Contains($" {AddressOf(i)}/", StringComparison.Ordinal)));

    private static async Task<bool> AllActiveOnAsync(ChurnLab lab, LabNode node)
    {
        JsonNode all = await lab.Lab.Api.GetAsync(ClusterObjects.VirtualIPsPath, Cancellation);
        return all["items"]!.AsArray().All(v =>
            v!["status"]?["activeNode"]?.GetValue<string>() == node.Host.Name
            && ChurnLab.ConditionOf(v["status"], "Available") == "True");
    }
}
