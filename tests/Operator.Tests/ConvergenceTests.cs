using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>
/// The cluster changes while the API server, or the way to it, is at its worst: what comes out is what would have come
/// out without, nothing is left over, and nothing is written that had to be taken back.
/// </summary>
public sealed class ConvergenceTests(ApiServerFixture fixture)
{
    private static readonly ApiPatience Hasty = new()
    {
        Connect = TimeSpan.FromSeconds(2),
        Request = TimeSpan.FromMilliseconds(700),
        WatchSilence = TimeSpan.FromSeconds(30),
    };

    public static TheoryData<string> Kinds =>
        ["refused", "500", "429", "stalls", "dropped watches", "410", "conflicts", "lost answers",
            "latency", "all of them"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task FaultsOfManyRequests_EndInTheSamePlan(string kind)
    {
        TestCluster cluster = await OfThreeAsync(fixture);
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        bool isFaulty = true;

        // One request in three; of those that make all others wait as well, one in six.
        proxy.Use(request => Volatile.Read(ref isFaulty)
            && Random.Shared.Next(kind == "429" ? 6 : 3) == 0 ? FaultOf(kind, request) : null);

        // An election on top would only take longer.
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with
            {
                KubeConfig = proxy.KubeconfigPath,
                LeaderElection = false,
                ResyncInterval = TimeSpan.FromSeconds(5)
            },
            patience: Hasty);
        await cluster.AddVirtualIPAsync("web", Preferring("192.168.1.108"));
        await cluster.AddVirtualIPAsync("other", Preferring("192.168.1.109"));
        await cluster.OrderBecomesAsync("web", "a b c");
        await cluster.DeletePodAsync("nginx-a");
        await cluster.EditVirtualIPAsync("web", """{"spec":{"virtualRouterId":52} }""");
        await cluster.OrderBecomesAsync("web", "b c");
        await cluster.DeleteVirtualIPAsync("other");
        await cluster.AddPodAsync("nginx-again", "a");
        await cluster.OrderBecomesAsync("web", "a b c");
        Volatile.Write(ref isFaulty, false);

        await SettlesAsync(cluster, "web", 3, 52);
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync()).Length == 3);
        await IsQuietAsync(running);

        // Written once when made, once for the id, and at most twice each for the one that left and the one that came.
        Assert.All(await cluster.MembersAsync("web"), m => Assert.InRange(
            m["metadata"]!["generation"]!.GetValue<int>(), 1, 4));
    }

    /// <summary>All members have the id and priorities of their own, and the status says what is.</summary>
    internal static Task SettlesAsync(TestCluster cluster, string virtualIP, int members, int id) =>
        Eventually.GetAsync(
        async () =>
        {
            JsonNode[] found = await cluster.MembersAsync(virtualIP);
            JsonNode status = (await cluster.VirtualIPAsync(virtualIP))["status"] ?? new JsonObject();
            return found.Length == members
                && found.All(m => m["spec"]!["virtualRouterId"]!.GetValue<int>() == id)
                && found.Select(m => m["spec"]!["priority"]!.GetValue<int>()).Distinct().Count() == members
                && status["virtualRouterId"]?.GetValue<int>() == id
                && found.Select(m => m["metadata"]!["name"]!.GetValue<string>())
                    .SequenceEqual((status["members"]?.AsArray() ?? []).Select(m => m!["name"]!.GetValue<string>()))
                    ? "" : null;
        },
        async () => $"It does not settle: {string.Join('\n', (await cluster.MembersAsync(virtualIP)).Select(m => m["spec"]!.ToJsonString()))}\n"
            + (await cluster.VirtualIPAsync(virtualIP))["status"]?.ToJsonString());

    /// <summary>Several more plans bring no more writes.</summary>
    internal static async Task IsQuietAsync(TestOperator running)
    {
        // Events are written in the background, one after the other; other writes may still wait for another try.
        double writes = -1;
        await Eventually.TrueAsync(async () =>
        {
            double before = writes;
            writes = running.Writes;
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            return before == writes
                && (await running.GetAsync("/metrics"))
                .Text.Contains("vipoperator_operator_backing_off_virtualips 0", StringComparison.Ordinal);
        });
        running.MakePlan();
        int plans = await running.PlansAsync();
        await Eventually.TrueAsync(async () =>
        {
            running.MakePlan();
            return await running.PlansAsync() > plans + 3;
        });
        Assert.Equal(writes, running.Writes);
    }

    /// <summary>A field of which the operator has nothing to say, set by a person or another controller.</summary>
    [Theory]
    [InlineData("interfaceName", "\"eth9\"")]
    [InlineData("peers", "[]")]
    [InlineData("probe", "{\"tcp\":{\"port\":1} }")]
    public async Task FieldThatAnotherAddsToAMember_IsTakenAway(string field, string value)
    {
        TestCluster cluster = await OfThreeAsync(fixture);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await using TestOperator running = await cluster.StartOperatorAsync();
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync("web")).Length == 3);
        await IsQuietAsync(running);
        string name = (await cluster.MembersAsync("web"))[0]["metadata"]!["name"]!.GetValue<string>();

        await cluster.EditMemberAsync(name, $$$"""{"spec":{"{{{field}}}":{{{value}}}}}""");

        await Eventually.TrueAsync(async () => (await cluster.MembersAsync("web"))
            .Single(m => m["metadata"]!["name"]!.GetValue<string>() == name)["spec"]![field] is null);
        await IsQuietAsync(running);
    }

    /// <summary>In a pod's template, or by kubectl label.</summary>
    [Fact]
    public async Task RoleThatAnotherSetOnAPodThatIsNoMember_IsTakenAway()
    {
        TestCluster cluster = await OfThreeAsync(fixture);
        Answer labelled = await fixture.Api.MergeAsync(
            $"/api/v1/namespaces/{cluster.Namespace}/pods/nginx-c",
            JsonNode.Parse("""{"metadata":{"labels":{"app":"other","vipoperator.io/role":"active"} } }""")!);
        Assert.True(labelled.Succeeded);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await using TestOperator running = await cluster.StartOperatorAsync();

        await Eventually.TrueAsync(async () => await cluster.RoleAsync("nginx-c") is null);
        await IsQuietAsync(running);
    }

    internal static async Task<TestCluster> OfThreeAsync(ApiServerFixture fixture)
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        foreach ((string node, int host) in new[] { ("a", 103), ("b", 104), ("c", 105) })
        {
            await cluster.AddNodeAsync(node, $"192.168.1.{host}");
            await cluster.LabelNodeAsync(node, "rank", node);
            await cluster.AddPodAsync($"nginx-{node}", node);
        }

        return cluster;
    }

    /// <summary>With an order of nodes, so that who came first makes no difference.</summary>
    internal static string Preferring(string address) =>
        $"addresses: [{address}], priority: {{preferences: [{{nodeSelector: {{matchLabels: {{rank: "
        + $"a}}}}, weight: 10}}, "
        + "{nodeSelector: {matchLabels: {rank: c}}, weight: -10}]}";

    private static Fault? FaultOf(string kind, HttpRequest request)
    {
        bool isWatch = request.Query.ContainsKey("watch");
        bool isWrite = !HttpMethods.IsGet(request.Method);
        return kind switch
        {
            "refused" => new Fault.Refuse(),
            "500" => new Fault.Answer(HttpStatusCode.InternalServerError, "InternalError"),
            "429" => new Fault.Answer(HttpStatusCode.TooManyRequests, "TooManyRequests", 1),
            "stalls" => new Fault.Stall(),
            "dropped watches" => isWatch ? new Fault.CutAfter(Random.Shared.Next(1, 2000)) : null,
            "410" =>
                isWatch ? new Fault.ExpireWatch() : isWrite ? null : new Fault.Answer(HttpStatusCode.Gone, "Expired"),
            "conflicts" => isWrite ? new Fault.Answer(HttpStatusCode.Conflict, "Conflict") : null,
            "lost answers" => isWrite ? new Fault.LoseAnswer() : null,
            "latency" => new Fault.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100, 500))),
            "all of them" => FaultOf(Kinds.ElementAt(Random.Shared.Next(Kinds.Count - 1)).Data, request),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }
}
