using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>Whatever the API server answers, the operator goes on and gets there.</summary>
public sealed class FaultTests(ApiServerFixture fixture)
{
    public static TheoryData<string, Func<HttpResponseMessage>> Answers => new()
    {
        { "conflict", () => Refusal(HttpStatusCode.Conflict, "Conflict") },
        { "too many requests", () => Refusal(HttpStatusCode.TooManyRequests, "TooManyRequests") },
        { "internal error", () => Refusal(HttpStatusCode.InternalServerError, "InternalError") },
        { "not found", () => Refusal(HttpStatusCode.NotFound, "NotFound") },
        {
            "a proxy's page",
            () => new HttpResponseMessage(HttpStatusCode.BadGateway) { Content = new StringContent("<html>502</html>") }
        },
        { "no connection", () => throw new HttpRequestException("Connection reset by peer") },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task WritesThatFail_AreTriedAgainUntilTheySucceed(string what, Func<HttpResponseMessage> answer)
    {
        Assert.NotEmpty(what);
        TestCluster cluster = await OfTwoAsync();

        // The first three writes to members and to the status each.
        Faults faults = new(
            request => request.Method == HttpMethod.Patch ? request.RequestUri!.AbsolutePath : null, 3, answer);
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
        await cluster.ConditionBecomesAsync("web", "Ready", "False", "NotProgrammed");

        Assert.True(await running.HasFailedWritesAsync());
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/readyz")).Code);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task ListsAndWatchesThatFail_AreTriedAgainUntilTheySucceed(
        string what, Func<HttpResponseMessage> answer)
    {
        Assert.NotEmpty(what);
        TestCluster cluster = await OfTwoAsync();
        Faults faults = new(
            request => request.Method == HttpMethod.Get
                ? request.RequestUri!.Query.Contains("watch", StringComparison.Ordinal)
                + request.RequestUri.AbsolutePath
                : null,
            2,
            answer);
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
    }

    [Fact]
    public async Task WatchThatTheServerHasForgotten_BeginsWithANewList()
    {
        TestCluster cluster = await OfTwoAsync();
        Faults faults = new(
            request => request.RequestUri!.Query.Contains("watch", StringComparison.Ordinal)
                ? request.RequestUri.AbsolutePath : null,
            1,
            () => Refusal(HttpStatusCode.Gone, "Expired"));
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");

        await Eventually.TrueAsync(async () => (await running.GetAsync("/metrics")).Text.Contains(
            "vipoperator_operator_api_requests_total{verb=\"list\",resource=\"pods\",code=\"200\"} 2",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task WatchThatEndsInTheMiddleOfALine_IsTakenUpAgain()
    {
        TestCluster cluster = await OfTwoAsync();
        Faults faults = new(
            request => request.RequestUri!.Query.Contains("watch", StringComparison.Ordinal)
                ? request.RequestUri.AbsolutePath : null,
            2,
            () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"type":"ADDED","obj""") });
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
    }

    [Fact]
    public async Task OneVirtualIPThatCannotBeWritten_HoldsUpNoOther()
    {
        TestCluster cluster = await OfTwoAsync();
        Faults faults = new(
            request => request.RequestUri!.AbsolutePath.Contains("/stuck", StringComparison.Ordinal)
                && request.Method == HttpMethod.Patch
                ? "stuck"
                : null,
            int.MaxValue,
            () => Refusal(HttpStatusCode.InternalServerError, "InternalError"));
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("stuck", "addresses: [192.168.1.107]");
        await Eventually.TrueAsync(running.HasFailedWritesAsync);

        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await Eventually.TrueAsync(async () => (await cluster.MembersAsync("web")).Length == 2);
        Assert.Empty(await cluster.MembersAsync("stuck"));
    }

    /// <summary>
    /// The first two answers to each kind of request break off in their bodies: what was asked is done, and nobody
    /// hears of it.
    /// </summary>
    [Fact]
    public async Task AnswersThatBreakOff_EndNothing_WhateverWasAsked()
    {
        TestCluster cluster = await OfTwoAsync();
        await using FaultProxy proxy = await FaultProxy.StartAsync(fixture.Server);
        ConcurrentDictionary<string, int> seen = [];
        proxy.Use(request => seen.AddOrUpdate(KindOf(request), 1, (_, count) => count + 1) <= 2
            ? new Fault.CutAfter(10)
            : null);
        await using TestOperator running = await cluster.StartOperatorAsync(
            s => s with { KubeConfig = proxy.KubeconfigPath });
        string[] names = ["web", "web2", "web3"];
        for (int i = 0; i < names.Length; i++)
        {
            await cluster.AddVirtualIPAsync(names[i], $"addresses: [192.168.1.{107 + i}]");
            await Eventually.TrueAsync(async () => (await cluster.MembersAsync(names[i])).Length == 2);
        }

        // An event of each is written, however little the operator heard of the first two; the third is heard.
        foreach (string name in names)
            await cluster.EventComesAsync(name, "Normal Assigned");
        await cluster.DeletePodAsync("nginx-a");
        foreach (string name in names)
            await cluster.OrderBecomesAsync(name, "b");
        await Eventually.TrueAsync(() => Task.FromResult(
            running.IsLeader && seen.GetValueOrDefault("PUT leases") > 3));

        Assert.All(
            (string[])
            [
                "GET leases", "POST leases", "PUT leases", "GET pods", "WATCH pods", "PATCH virtualipmembers",
                "PATCH virtualips", "POST events", "DELETE virtualipmembers",
            ],
            kind => Assert.True(seen.ContainsKey(kind), $"{kind} is not among {string.Join(", ", seen.Keys)}."));
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/readyz")).Code);

        // It stops as it should: the lease is given back.
        await running.StopAsync();
        JsonNode lease = (await fixture.Api.GetAsync(
            $"/apis/coordination.k8s.io/v1/namespaces/{cluster.Namespace}/leases/{new OperatorSettings().LeaseName}"))
            .Body!;
        Assert.Equal("", lease["spec"]!["holderIdentity"]?.GetValue<string>() ?? "");
    }

    [Fact]
    public async Task AnswerThatIsNoJson_IsAskedForAgain()
    {
        TestCluster cluster = await OfTwoAsync();
        Faults faults = new(
            request => request.RequestUri!.Query.Contains("watch", StringComparison.Ordinal)
                ? null : $"{request.Method} {request.RequestUri.AbsolutePath}",
            1,
            () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>200</html>") });
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
        await cluster.ConditionBecomesAsync("web", "Ready", "False", "NotProgrammed");
        await cluster.AddVirtualIPAsync("web2", "addresses: [192.168.1.109]");
        await cluster.EventComesAsync("web2", "Normal Assigned");
    }

    [Fact]
    public async Task ClockThatIsSetBackWhileAVirtualIPWaits_KeepsItWaitingNoLonger()
    {
        TestCluster cluster = await OfTwoAsync();
        bool refuses = true;
        Faults faults = new(
            request => request.Method == HttpMethod.Patch && Volatile.Read(ref refuses) ? "write" : null,
            int.MaxValue,
            () => Refusal(HttpStatusCode.InternalServerError, "InternalError"));
        SettableTime time = new();
        await using TestOperator running = await cluster.StartOperatorAsync(handler: faults, time: time);
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await Eventually.TrueAsync(async () => (await running.GetAsync("/metrics")).Text.Contains(
            "vipoperator_operator_backing_off_virtualips 1", StringComparison.Ordinal));

        time.SetBack(TimeSpan.FromHours(1));
        Volatile.Write(ref refuses, false);

        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
    }

    // "PATCH pods", "WATCH nodes": whichever object it is.
    private static string KindOf(HttpRequest request)
    {
        string[] parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] kinds = ["leases", "pods", "nodes", "virtualipmembers", "virtualips", "events"];
        string verb = request.Query.ContainsKey("watch") ? "WATCH" : request.Method;
        return $"{verb} {parts.LastOrDefault(kinds.Contains)}";
    }

    private async Task<TestCluster> OfTwoAsync()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("nginx-a", "a");
        await cluster.AddPodAsync("nginx-b", "b");
        return cluster;
    }

    private static HttpResponseMessage Refusal(HttpStatusCode code, string reason)
    {
        HttpResponseMessage answer = new(code)
        {
            Content = new StringContent(
                $$"""
                {"kind":"Status","apiVersion":"v1","status":"Failure","message":"made up","reason":"{{reason}}","code":{{(int)code}}}
                """,
                Encoding.UTF8,
                "application/json"),
        };
        if (code == HttpStatusCode.TooManyRequests)
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(1));
        return answer;
    }

    private sealed class SettableTime : TimeProvider
    {
        private long _backTicks;

        public void SetBack(TimeSpan time) => Interlocked.Add(ref _backTicks, time.Ticks);

        public override DateTimeOffset GetUtcNow() =>
            base.GetUtcNow() - TimeSpan.FromTicks(Interlocked.Read(ref _backTicks));
    }

    /// <summary>Answers in the server's place the first requests of each kind.</summary>
    private sealed class Faults(Func<HttpRequestMessage, string?> kindOf, int times, Func<HttpResponseMessage> answer)
        : DelegatingHandler
    {
        private readonly Dictionary<string, int> _seen = [];

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (kindOf(request) is not { } kind)
                return base.SendAsync(request, cancellationToken);
            int seen;
            lock (_seen)
            {
                seen = _seen.GetValueOrDefault(kind);
                _seen[kind] = seen + 1;
            }

            if (seen >= times)
                return base.SendAsync(request, cancellationToken);
            try
            {
                return Task.FromResult(answer());
            }
            catch (HttpRequestException e)
            {
                return Task.FromException<HttpResponseMessage>(e);
            }
        }
    }
}
