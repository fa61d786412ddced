using System.Text.Json.Nodes;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>Who may write, when somebody else's lease is there already.</summary>
public sealed class LeadershipTests(ApiServerFixture fixture)
{
    private static readonly string Name = new OperatorSettings().LeaseName;

    [Fact]
    public async Task LeaseThatRanOutDuringAnOutage_IsTakenAtOnce()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddLeaseAsync(cluster, "gone", TimeSpan.FromHours(1));

        // By the API server's clock nobody has written the lease for two hours.
        await using TestOperator running = await cluster.StartOperatorAsync(
            handler: new ShiftedClock(TimeSpan.FromHours(2)));

        await Eventually.TrueAsync(() => Task.FromResult(running.IsLeader));
        Assert.Equal(1, (await LeaseAsync(cluster))["spec"]!["leaseTransitions"]!.GetValue<int>());
    }

    [Fact]
    public async Task LeaseThatIsInForce_IsLeftAlone()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddLeaseAsync(cluster, "alive", TimeSpan.FromHours(1));
        await using TestOperator running = await cluster.StartOperatorAsync(
            handler: new ShiftedClock(TimeSpan.FromMinutes(50)));

        await AsksForTheLeaseAsync(running, 3);

        Assert.False(running.IsLeader);
        Assert.Equal("alive", (await LeaseAsync(cluster))["spec"]!["holderIdentity"]!.GetValue<string>());
    }

    [Fact]
    public async Task LeaseOfUnknownAge_IsWaitedFor()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddLeaseAsync(cluster, "perhaps", TimeSpan.FromHours(1));
        await using TestOperator running = await cluster.StartOperatorAsync(handler: new ShiftedClock(null));

        await AsksForTheLeaseAsync(running, 3);

        Assert.False(running.IsLeader);
    }

    [Fact]
    public async Task ReleasedLease_IsTakenAtOnce()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddLeaseAsync(cluster, "", TimeSpan.FromHours(1));

        await using TestOperator running = await cluster.StartOperatorAsync();

        await Eventually.TrueAsync(() => Task.FromResult(running.IsLeader));
    }

    /// <summary>
    /// What the age of a lease is told by: the server notes the time of each renewal, though the fields stay the same.
    /// </summary>
    [Fact]
    public async Task Renewal_IsNotedByTheServer()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await AddLeaseAsync(cluster, "holder", TimeSpan.FromHours(1));
        DateTimeOffset first = WrittenAt(await LeaseAsync(cluster));

        await Eventually.TrueAsync(async () =>
        {
            await fixture.Api.MergeAsync(
                $"{PathOf(cluster)}/{Name}", Spec(
                    new() { ["renewTime"] = MicroTime(TimeProvider.System.GetUtcNow()) }));
            return WrittenAt(await LeaseAsync(cluster)) > first;
        });
    }

    private static Task AsksForTheLeaseAsync(TestOperator running, int times)
    {
        const string Count = "vipoperator_operator_api_requests_total{verb=\"get\",resource=\"leases\",code=\"200\"} ";
        return Eventually.TrueAsync(async () =>
            (await running.GetAsync("/metrics")).Text.Split('\n')
            .FirstOrDefault(l => l.StartsWith(Count, StringComparison.Ordinal)) is { } line
            && int.Parse(line[Count.Length..], System.Globalization.CultureInfo.InvariantCulture) >= times);
    }

    private async Task AddLeaseAsync(TestCluster cluster, string holder, TimeSpan duration)
    {
        string now = MicroTime(TimeProvider.System.GetUtcNow());
        JsonObject lease = Spec(new()
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = (int)duration.TotalSeconds,
            ["acquireTime"] = now,
            ["renewTime"] = now,
        });
        lease["apiVersion"] = "coordination.k8s.io/v1";
        lease["kind"] = "Lease";
        lease["metadata"] = new JsonObject { ["name"] = Name };
        Answer made = await fixture.Api.PostAsync(PathOf(cluster), lease);
        Assert.True(made.Succeeded, made.Message);
    }

    private async Task<JsonNode> LeaseAsync(TestCluster cluster) =>
        (await fixture.Api.GetAsync($"{PathOf(cluster)}/{Name}")).Body!;

    private static DateTimeOffset WrittenAt(JsonNode lease) =>
        lease["metadata"]!["managedFields"]!.AsArray().Max(f => f!["time"]!.GetValue<DateTimeOffset>());

    private static string PathOf(TestCluster cluster) =>
        $"/apis/coordination.k8s.io/v1/namespaces/{cluster.Namespace}/leases";

    private static JsonObject Spec(JsonObject spec) => new() { ["spec"] = spec };

    private static string MicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The API server's clock as the operator sees it.</summary>
    /// <param name="shift">null: the answers do not tell the time.</param>
    private sealed class ShiftedClock(TimeSpan? shift) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            answer.Headers.Date += shift;
            return answer;
        }
    }
}
