using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Demo;

/// <summary>
/// The two-host tutorial, played on a lab: what it does to the first node, and what must come of it. Each step leaves
/// the address where the next one finds it, on the first node.
/// </summary>
internal sealed class Scenario(RunningLab lab, OwnerWatch owners, ClientProbe client, Timeline timeline)
{
    public const string Address = "192.168.1.108";

    /// <summary>What is to happen at all, happens within it; how fast is measured, not expected.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>From the start of API server and operator, to a status that is right again.</summary>
    private static readonly TimeSpan CatchUpBound = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // How late two nodes may have held the address at most, when one takes it back from the other: they overlap by one
    // message.
    private static readonly TimeSpan HandoverBound = TimeSpan.FromMilliseconds(500);

    // Of the address, 4 s at priority 100, and a moment for the kernel.
    private static readonly TimeSpan LifetimeBound = TimeSpan.FromMilliseconds(4_250);


    private readonly List<string[]> _gaps = [];
    private readonly LabNode _first = lab.NodeOf(NetworkHost.Node1);
    private readonly LabNode _second = lab.NodeOf(NetworkHost.Node2);

    public async Task PlayAsync(CancellationToken cancellation)
    {
        await RefuseAsync(cancellation);
        await ApplyAsync(cancellation);
        await ListenAsync(cancellation);
        await StopNginxAsync(cancellation);
        await KillSidecarAsync(cancellation);
        await UnplugAsync(cancellation);
        await WithoutKubernetesAsync(cancellation);
        await StopSidecarAsync(cancellation);
        await SummarizeAsync(cancellation);
    }

    private async Task RefuseAsync(CancellationToken cancellation)
    {
        timeline.Section("A VirtualIP that makes no sense");
        const string Invalid =
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIP
            metadata: {name: invalid}
            spec:
              addresses: [192.168.1.108/32]
              selector: {matchLabels: {app: nginx}}
              virtualRouterId: 300
              vrrp: {version: 2, advertisementInterval: 100ms}
            """;
        ToolResult result = await lab.KubectlAsync(["apply", "-f", "-"], cancellation, Invalid);
        timeline.Quote(result.Text);
        timeline.Expect(!result.Succeeded, "kubectl apply is refused");
        timeline.Expect(
            result.Text.Contains("spec.virtualRouterId", StringComparison.Ordinal) && result.Text.Contains(
                "255", StringComparison.Ordinal),
            "the message names the field and what is allowed");
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        timeline.Section("The tutorial's VirtualIP: VRRPv2, id 51, a password, priorities from 100 down");
        ToolResult applied = await lab.KubectlAsync(
            ["apply", "-f", lab.Folder.At("examples", "tutorial.yaml")], cancellation);
        timeline.Quote(applied.Text);
        timeline.Expect(applied.Succeeded, "kubectl apply takes it");
        timeline.Expect(await HeldByAsync(_first, cancellation), $"{Address} is on {_first.Host.Name} alone");
        timeline.Expect(
            await StatusAsync(status => Ready(status) && ActiveNode(status) == _first.Host.Name, Bound, cancellation),
            "the VirtualIP's status says Ready, and Active on node1");
        timeline.Expect(
            await PrioritiesAsync(cancellation) is [("node1", 100), ("node2", 99)],
            "the sidecars have priorities 100 and 99");
        ToolResult addresses = await lab.ExecAsync(
            _first.Host, ["ip", "-4", "addr", "show", "dev", NetworkHost.Link], cancellation);
        timeline.Quote(addresses.Text);
        timeline.Expect(
            addresses.Text.Contains($"{Address}/32", StringComparison.Ordinal), $"ip addr on node1 shows {Address}/32");
        ToolResult answer = await CurlAsync(cancellation);
        timeline.Expect(
            answer.Output.Trim() == "192.168.1.103", $"curl {Address} on the client answers {answer.Output.Trim()}");
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        timeline.Section("Its advertisements, as tcpdump reads them on the client's wire");
        string[] command =
            ["timeout", "10", "tcpdump", "-i", NetworkHost.Link, "-n", "-v", "-t", "-c", "2", "ip proto 112"];
        ToolResult heard = await timeline.WhileAsync(
            "listening for two advertisements", lab.ExecAsync(NetworkHost.Client, command, cancellation));
        timeline.Quote(heard.Output);
        timeline.Expect(
            heard.Output.Contains("VRRPv2, Advertisement, vrid 51, prio 100", StringComparison.Ordinal)
            && heard.Output.Contains($"addrs: {Address}", StringComparison.Ordinal)
            && heard.Output.Contains("1111222", StringComparison.Ordinal),
            "version 2, id 51, priority 100, the password, the address");
        timeline.Expect(!heard.Output.Contains("bad", StringComparison.OrdinalIgnoreCase), "no bad checksum");
    }

    private async Task StopNginxAsync(CancellationToken cancellation)
    {
        timeline.Section("nginx stopped on node1 (it gets 3 s to come back before the address moves)");
        await TakeoverAsync("nginx stopped (3 s grace)", _second, () => _first.Nginx.StopAsync(), cancellation);
        await FailbackAsync("nginx back: preempted", () => _first.Nginx.StartAsync(), cancellation);
    }

    private async Task KillSidecarAsync(CancellationToken cancellation)
    {
        timeline.Section("The sidecar of node1 killed with SIGKILL; nginx there lives on");
        long since = Clock.NowMicroseconds;
        await MoveAsync("sidecar SIGKILLed", _second, () => _first.Sidecar.KillAsync(), LifetimeBound, cancellation);
        long? lost = owners.Log.LostAt(_first.Host.Name, since);
        timeline.Expect(
            lost is not null,
            $"the kernel took the address off node1 by itself, "
            + $"{Milliseconds(lost is null ? null : Clock.Span(lost.Value - since))} after the kill");
        await FailbackAsync("sidecar started again: preempted", () => _first.Sidecar.StartAsync(), cancellation);
    }

    private async Task UnplugAsync(CancellationToken cancellation)
    {
        timeline.Section("node1 unplugged, and plugged in again");
        await TakeoverAsync(
            "cable pulled", _second, () => lab.Network.UnplugAsync(_first.Host, cancellation), cancellation);
        await FailbackAsync(
            "cable back: preempted", () => lab.Network.PlugAsync(_first.Host, cancellation), cancellation);
        timeline.Expect(owners.Holders.Count == 1, "the address has one owner after");
    }

    private async Task WithoutKubernetesAsync(CancellationToken cancellation)
    {
        timeline.Section("Without operator and API server");
        // The operator first: it gives its lease back.
        await lab.Operator.StopAsync();
        await lab.ApiServer.PauseAsync();
        ToolResult away = await lab.KubectlAsync(["get", "vip", "--request-timeout=2s"], cancellation);
        timeline.Expect(!away.Succeeded, "kubectl gets no answer");
        await TakeoverAsync("nginx stopped, no Kubernetes", _second, () => _first.Nginx.StopAsync(), cancellation);

        // A real server takes seconds to start.
        await lab.ApiServer.ResumeAsync();
        long since = Clock.NowMicroseconds;
        await lab.Operator.StartAsync();
        bool right = await timeline.WhileAsync(
            "waiting for the status to be right",
            StatusAsync(status => ActiveNode(status) == _second.Host.Name, Bound, cancellation));
        TimeSpan after = Clock.Span(Clock.NowMicroseconds - since);
        timeline.Expect(
            right && after <= CatchUpBound,
            $"both are back, and the status says Active on node2 after {Milliseconds(after)}, at most "
            + $"{CatchUpBound.TotalSeconds} s");
        await FailbackAsync("nginx back: preempted", () => _first.Nginx.StartAsync(), cancellation);
    }

    private async Task StopSidecarAsync(CancellationToken cancellation)
    {
        timeline.Section("The sidecar of node1 stopped gracefully (a handover at priority 99 waits 0.61 s)");
        await TakeoverAsync("sidecar stopped", _second, () => _first.Sidecar.StopAsync(), cancellation);
        await FailbackAsync("sidecar started again: preempted", () => _first.Sidecar.StartAsync(), cancellation);
    }

    private async Task SummarizeAsync(CancellationToken cancellation)
    {
        timeline.Section("What Kubernetes says of it");
        timeline.Expect(
            await StatusAsync(status => Ready(status) && ActiveNode(status) == _first.Host.Name, Bound, cancellation),
            "the VirtualIP is Ready, Active on node1");
        foreach (string[] arguments in (string[][])
            [["get", "vip"], ["get", "vipm"], ["get", "events", "--sort-by=.metadata.creationTimestamp",
                "--field-selector=involvedObject.kind=VirtualIP"]])
        {
            ToolResult result = await lab.KubectlAsync(arguments, cancellation);
            timeline.Quote($"$ kubectl {string.Join(' ', arguments)}\n{result.Text}");
            timeline.Expect(
                result is { Succeeded: true, Output.Length: > 0 }, $"kubectl {arguments[0]} {arguments[1]} answers");
        }

        timeline.Section(
            $"What the client felt, asking every {Pace.TotalMilliseconds} ms (priorities 100 and 99, interval 1 s)");
        timeline.Lines(TextTable.Format(["", "gap", "failed requests", "held by two"], _gaps));
    }

    /// <summary>A fault on the first node: the second must answer, and be the only one to hold the address.</summary>
    private Task TakeoverAsync(string what, LabNode to, Func<Task> fault, CancellationToken cancellation) =>
        MoveAsync(what, to, fault, HandoverBound, cancellation);

    /// <summary>The fault is mended: the first node must have the address back.</summary>
    private Task FailbackAsync(string what, Func<Task> mend, CancellationToken cancellation) =>
        MoveAsync(what, _first, mend, HandoverBound, cancellation);

    private async Task MoveAsync(
        string what, LabNode to, Func<Task> cause, TimeSpan sharedBound, CancellationToken cancellation)
    {
        await client.BeginMeasurementAsync(Pace, cancellation);
        long since = Clock.NowMicroseconds;
        await cause();
        string responder = to.Host.Address.ToString();
        Gap? gap = await timeline.WhileAsync(
            $"{what}; waiting for {responder} to answer", client.EndMeasurementAsync(
                responder, since, Bound, cancellation));
        bool alone = await HeldByAsync(to, cancellation);
        TimeSpan shared = owners.Log.SharedTime(since, Clock.NowMicroseconds);

        timeline.Expect(gap is not null,
            $"{what}: {responder} answers, after a gap of {Milliseconds(gap?.Length)} ({gap?.Failed} requests failed)");
        timeline.Expect(alone, $"{Address} is on {to.Host.Name} alone");
        timeline.Expect(shared <= sharedBound, $"two nodes held it for {Milliseconds(shared)}");
        _gaps.Add([what, Milliseconds(gap?.Length), $"{gap?.Failed}", Milliseconds(shared)]);
    }

    private Task<bool> HeldByAsync(LabNode node, CancellationToken cancellation) =>
        timeline.WhileAsync(
            $"waiting for {Address} to be on {node.Host.Name}",
            owners.WaitForSingleHolderAsync(node.Host.Name, Bound, cancellation));

    private async Task<ToolResult> CurlAsync(CancellationToken cancellation) =>
        await lab.ExecAsync(NetworkHost.Client,
            ["curl", "--silent", "--show-error", "--max-time", "2", $"http://{Address}/"], cancellation);

    private async Task<bool> StatusAsync(
        Func<JsonNode, bool> condition, TimeSpan bound, CancellationToken cancellation) =>
        await timeline.WhileAsync("waiting for the VirtualIP's status", Wait.UntilAsync(
            async () =>
            {
                try
                {
                    JsonNode web = await lab.Api.GetAsync(ClusterObjects.VirtualIPPath("web"), cancellation);
                    return web["status"] is { } status && condition(status);
                }
                catch (ToolException)
                {
                    return false;
                }
            },
            bound,
            Look,
            cancellation));

    private async Task<IReadOnlyList<(string Node, int Priority)>> PrioritiesAsync(CancellationToken cancellation)
    {
        JsonNode members = await lab.Api.GetAsync(ClusterObjects.MembersPath, cancellation);
        return
        [
            .. members["items"]!.AsArray()
                .Select(m => (m!["spec"]!["nodeName"]!.GetValue<string>(), m["spec"]!["priority"]!.GetValue<int>()))
                .Order(),
        ];
    }

    private static bool Ready(JsonNode status) => status["conditions"]?.AsArray()
        .Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == "True") ?? false;

    private static string? ActiveNode(JsonNode status) => status["activeNode"]?.GetValue<string>();

    private static string Milliseconds(TimeSpan? span) =>
        span is { } value ? value.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture) + " ms" : "–";
}
