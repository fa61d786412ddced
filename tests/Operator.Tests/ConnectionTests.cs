using System.Net;
using Microsoft.AspNetCore.Http;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>Connections that look alive and are not, and servers that ask for patience.</summary>
public sealed class ConnectionTests(ApiServerFixture fixture)
{
    [Fact]
    public async Task ConnectionThatIsHalfOpen_IsNoticedAndMadeAnew()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FrozenPath path = new(fixture.Server.Url);
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = KubeconfigVia(path), LeaderElection = false },
            patience: new ApiPatience { PingDelay = TimeSpan.FromSeconds(1), PingAnswer = TimeSpan.FromSeconds(1) });
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await cluster.OrderBecomesAsync("web", "a b");

        path.FreezeConnections();
        await cluster.DeletePodAsync("nginx-a");

        await cluster.OrderBecomesAsync("web", "b");
    }

    [Fact]
    public async Task WatchThatFallsSilentOnALiveConnection_IsTakenUpAgain()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        int watches = 0;
        proxy.Use(request => IsWatchOf(request, "/pods")
            && Interlocked.Increment(ref watches) <= 2 ? new Fault.FallSilent() : null);
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath, LeaderElection = false },
            patience: new ApiPatience { WatchSilence = TimeSpan.FromSeconds(1) });
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref watches) == 1));

        await cluster.DeletePodAsync("nginx-a");

        await cluster.OrderBecomesAsync("web", "b");
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref watches) > 2));
    }

    /// <summary>The store of the API server was put back from a backup: the version is still to come there.</summary>
    [Fact]
    public async Task WatchFromAVersionOfWhichTheServerSaysNothing_BeginsWithANewList()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        string? future = null;
        proxy.Use(request => IsWatchOf(request, "/pods")
            && (Interlocked.CompareExchange(ref future, request.Query["resourceVersion"], null) is not { } first
                || first == request.Query["resourceVersion"])
            ? new Fault.FallSilent()
            : null);
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath, LeaderElection = false },
            patience: new ApiPatience { WatchSilence = TimeSpan.FromSeconds(1) });
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref future) is not null));

        await cluster.DeletePodAsync("nginx-a");

        await cluster.OrderBecomesAsync("web", "b");
    }

    [Fact]
    public async Task ServerThatAsksForPatience_IsLeftAloneByAllRequestsButTheLease()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        TimeProvider time = TimeProvider.System;
        long refusedAt = 0;
        List<TimeSpan> writes = [];
        proxy.Use(request =>
        {
            bool isLease = request.Path.Value!.Contains("/leases", StringComparison.Ordinal);
            if (HttpMethods.IsGet(request.Method) || isLease)
                return null;
            lock (writes)
            {
                if (refusedAt != 0)
                {
                    writes.Add(time.GetElapsedTime(refusedAt));
                    return null;
                }

                refusedAt = time.GetTimestamp();
                return new Fault.Answer(HttpStatusCode.TooManyRequests, "TooManyRequests", 2);
            }
        });
        for (int i = 0; i < 20; i++)
            await cluster.AddVirtualIPAsync($"web{i}", $"addresses: [192.168.1.{108 + i}]");

        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath, ConcurrentWrites = 1 });
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync()).Length == 40);

        Assert.True(running.IsLeader);

        // Timers are exact to some milliseconds.
        lock (writes)
            Assert.True(writes.Min() >= TimeSpan.FromSeconds(1.95), $"It wrote after {writes.Min()}.");
    }

    [Fact]
    public async Task ServerThatForgetsAtOnceWhatItSaid_IsNotAskedWithoutPause()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        int lists = 0;
        bool forgets = true;
        proxy.Use(request =>
        {
            if (IsWatchOf(request, "/pods"))
                return Volatile.Read(ref forgets) ? new Fault.ExpireWatch() : null;
            if (request.Path.Value!.EndsWith("/pods", StringComparison.Ordinal))
                Interlocked.Increment(ref lists);
            return null;
        });
        long start = TimeProvider.System.GetTimestamp();
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath, LeaderElection = false });
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref lists) >= 5));

        // Pauses of 0.1, 0.2, 0.4 and 0.8 s at the least before the fifth list; timers are exact to some milliseconds.
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(1.45));

        Volatile.Write(ref forgets, false);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await cluster.OrderBecomesAsync("web", "a b");
    }

    /// <summary>The API server says nothing for 5 s whatever it is asked, and does it then.</summary>
    [Fact]
    public async Task FiveSecondsOfLatency_CostTimeAndNothingElse()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        proxy.Use(_ => new Fault.Delay(TimeSpan.FromSeconds(5)));
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath, LeaseDuration = TimeSpan.FromSeconds(15) });
        await Eventually.TrueAsync(() => Task.FromResult(running.IsLeader));

        int lost = 0;
        await Eventually.TrueAsync(async () =>
        {
            lost += running.IsLeader ? 0 : 1;
            return await cluster.ConditionAsync("web", "Ready") is not null;
        });

        Assert.Equal("a b", await cluster.OrderAsync("web"));
        await cluster.DeletePodAsync("nginx-a");
        await Eventually.TrueAsync(async () =>
        {
            lost += running.IsLeader ? 0 : 1;
            return await cluster.OrderAsync("web") == "b";
        });

        Assert.Equal(0, lost);

        // Written when it was made, and once more at the most when it became the first.
        Assert.All(await cluster.MembersAsync("web"), m => Assert.InRange(
            m["metadata"]!["generation"]!.GetValue<int>(), 1, 2));
    }

    [Fact]
    public async Task LeaderThatIsCutOff_HasStoppedBeforeAnotherBegins()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FrozenPath path = new(fixture.Server.Url);
        await using TestOperator first = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = KubeconfigVia(path) });
        await Eventually.TrueAsync(() => Task.FromResult(first.IsLeader));
        await using TestOperator second = await cluster.StartOperatorAsync();
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await cluster.OrderBecomesAsync("web", "a b");

        path.FreezeAll();
        await cluster.DeletePodAsync("nginx-a");

        bool both = false;
        await Eventually.TrueAsync(() =>
        {
            // In this order: the second must not have begun while the first has not stopped.
            bool secondLeads = second.IsLeader;
            both |= first.IsLeader && secondLeads;
            return Task.FromResult(secondLeads);
        });
        Assert.False(both);
        await cluster.OrderBecomesAsync("web", "b");
        Assert.False(first.IsLeader);
    }

    private string KubeconfigVia(FrozenPath path)
    {
        string file = Path.Combine(Path.GetDirectoryName(fixture.Server.KubeconfigPath)!, $"kubeconfig-{path.Port}");
        File.WriteAllText(
            file,
            File.ReadAllText(fixture.Server.KubeconfigPath)
            .Replace($":{fixture.Server.Url.Port}", $":{path.Port}", StringComparison.Ordinal));
        return file;
    }

    private static bool IsWatchOf(HttpRequest request, string plural) =>
        request.Query.ContainsKey("watch") && request.Path.Value!.EndsWith(plural, StringComparison.Ordinal);

    private async Task<TestCluster> OfTwoAsync()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("nginx-a", "a");
        await cluster.AddPodAsync("nginx-b", "b");
        return cluster;
    }
}
