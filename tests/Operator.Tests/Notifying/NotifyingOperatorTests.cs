using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>What the whole operator tells, across restarts, changes of leader and lost answers.</summary>
public sealed class NotifyingOperatorTests(ApiServerFixture fixture) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ActiveThatMoves_IsToldOnceAcrossRestarts()
    {
        TestCluster cluster = await PairAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using (TestOperator first = await StartAsync(cluster, receiver))
        {
            await BecomeActiveAsync(cluster, "a");
            await receiver.BodiesAsync(1);
        }

        await using TestOperator second = await StartAsync(cluster, receiver);
        await Eventually.TrueAsync(() => Task.FromResult(second.IsLeader));
        await MoveAsync(cluster, "a", "b");

        await Eventually.TrueAsync(() => Task.FromResult(receiver.Events.Length >= 2));
        Assert.Equal(["web ActiveChanged", "web ActiveChanged"], receiver.Events);
        Assert.Equal(
            [cluster.NodeName("a"), cluster.NodeName("b")],
            receiver.Bodies.SelectMany(b => b["events"]!.AsArray()).Select(e => e!["activeNode"]!.GetValue<string>()));
        Assert.Equal(
            "192.168.1.108", receiver.Bodies[0]["events"]![0]!["virtualIP"]!["addresses"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task OperatorThatStops_SendsWhatItGathers()
    {
        TestCluster cluster = await PairAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using TestOperator running = await StartAsync(cluster, receiver, gather: "10m");
        await BecomeActiveAsync(cluster, "a");

        await running.StopAsync();

        Assert.Equal(["web ActiveChanged"], receiver.Events);
    }

    /// <summary>
    /// The new leader's watch has not brought what the old one wrote last, so its first plan sees the change once more.
    /// </summary>
    [Fact]
    public async Task NewLeaderThatLagsBehind_TellsNothingAgain()
    {
        TestCluster cluster = await PairAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        bool silent = true;
        proxy.Use(request => Volatile.Read(ref silent)
            && request.Path.Value!.EndsWith("/virtualips", StringComparison.Ordinal)
            && request.Query.ContainsKey("watch") ? new Fault.FallSilent() : null);
        await using TestOperator first = await StartAsync(cluster, receiver);
        await BecomeActiveAsync(cluster, "a");
        await receiver.BodiesAsync(1);
        await using TestOperator second = await StartAsync(
            cluster, receiver, proxy.KubeconfigPath, new() { WatchSilence = TimeSpan.FromSeconds(8) });
        await Eventually.TrueAsync(() => Task.FromResult(second.IsSynced));

        await MoveAsync(cluster, "a", "b");
        await Eventually.TrueAsync(() => Task.FromResult(receiver.Events.Length >= 2));
        await first.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(second.IsLeader));
        await Eventually.TrueAsync(() => second.HasFailedWritesAsync());
        Volatile.Write(ref silent, false);

        // It works on, with what the watch brings when it is opened again.
        await MoveAsync(cluster, "b", "a");
        await Eventually.TrueAsync(() => Task.FromResult(receiver.Events.Length >= 3));
        Assert.Equal(
            [cluster.NodeName("a"), cluster.NodeName("b"), cluster.NodeName("a")],
            receiver.Bodies.SelectMany(b => b["events"]!.AsArray()).Select(e => e!["activeNode"]!.GetValue<string>()));
    }

    /// <summary>
    /// The status was written, but the operator never heard so: the change is in it, and no later plan will see it.
    /// </summary>
    [Fact]
    public async Task WriteWhoseAnswerIsLost_IsToldOnce()
    {
        TestCluster cluster = await PairAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        await using TestOperator running = await StartAsync(cluster, receiver, proxy.KubeconfigPath);
        await BecomeActiveAsync(cluster, "a");
        await receiver.BodiesAsync(1);

        int lost = 0;
        proxy.Use(request => request.Path.Value!.EndsWith("/web/status", StringComparison.Ordinal)
            && request.Method == "PATCH"
            && Interlocked.Increment(ref lost) == 1 ? new Fault.LoseAnswer() : null);
        await MoveAsync(cluster, "a", "b");

        await Eventually.TrueAsync(() => Task.FromResult(receiver.Events.Length >= 2));
        await running.StopAsync();
        Assert.Equal(["web ActiveChanged", "web ActiveChanged"], receiver.Events);
    }

    [Fact]
    public async Task NodeThatDiesWithFiftyVirtualIPs_IsOneMessage()
    {
        string[] names = [.. Enumerable.Range(1, 50).Select(i => $"site-{i}")];
        TestCluster cluster = await PairAsync([]);
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using TestOperator running = await StartAsync(
            cluster, receiver, gather: "8s", lease: TimeSpan.FromMinutes(1));
        foreach ((int i, string name) in names.Index())
            await cluster.AddVirtualIPAsync(name, $"addresses: [10.1.1.{i + 1}]");
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync()).Length == 100);
        await Task.WhenAll(names.Select(n => ReportAsync(cluster, n, active: "a")));
        await Eventually.TrueAsync(() => Task.FromResult(receiver.Events.Length >= 50));
        int before = receiver.Bodies.Length;

        await Task.WhenAll(names.Select(n => ReportAsync(cluster, n, active: "b")));

        await Eventually.TrueAsync(() => Task.FromResult(receiver.Bodies.Skip(before).Any()));
        Assert.Equal("Normal: 50 VirtualIPs: 50 ActiveChanged",
            receiver.Bodies.Skip(before).First()["summary"]!.GetValue<string>());
    }

    private async Task<TestCluster> PairAsync(string[]? virtualIPs = null)
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("pod-a", "a");
        await cluster.AddPodAsync("pod-b", "b");
        foreach (string name in virtualIPs ?? ["web"])
            await cluster.AddVirtualIPAsync(name, "addresses: [192.168.1.108/32]");
        return cluster;
    }

    private async Task<TestOperator> StartAsync(
        TestCluster cluster,
        WebhookReceiver receiver,
        string? kubeconfig = null,
        Operator.Cluster.ApiPatience? patience = null,
        string gather = "10ms",
        TimeSpan? lease = null)
    {
        string key = _folder.Write("key", WebhookReceiver.Key);
        string file = NotifierHarness.Write(
            _folder,
            $"- {{name: pager, gatherTime: {gather}, reasons: [ActiveChanged], rateLimit: {{messages: 1000}}, webhook: "
            + $"{{url: '{receiver.Url}', signingKeyFile: {key}}}}}\n");
        TestOperator started = await cluster.StartOperatorAsync(
            s => s with
            {
                NotificationsFile = file,
                KubeConfig = kubeconfig
                ?? s.KubeConfig,
                LeaseDuration = lease ?? s.LeaseDuration
            },
            patience: patience);
        await Eventually.TrueAsync(async () =>
            (await started.GetAsync("/metrics"))
            .Text.Contains("vipoperator_notification_settings_valid 1", StringComparison.Ordinal));
        return started;
    }

    private static async Task BecomeActiveAsync(TestCluster cluster, string node)
    {
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync("web")).Length == 2);
        await ReportAsync(cluster, "web", node);
        await ActiveIsAsync(cluster, node);
    }

    private static async Task MoveAsync(TestCluster cluster, string from, string to)
    {
        await ReportAsync(cluster, "web", to);
        await Eventually.TrueAsync(
            async () => await cluster.ActiveNodeAsync("web") is { } node && node != cluster.NodeName(from));
    }

    private static Task ActiveIsAsync(TestCluster cluster, string node) =>
        Eventually.TrueAsync(async () => await cluster.ActiveNodeAsync("web") == cluster.NodeName(node));

    private static async Task ReportAsync(TestCluster cluster, string virtualIP, string active)
    {
        string other = active == "a" ? "b" : "a";
        await cluster.ReportAsync(virtualIP, other, "Backup");
        await cluster.ReportAsync(virtualIP, active, "Active");
    }
}
