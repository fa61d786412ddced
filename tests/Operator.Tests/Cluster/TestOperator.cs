using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Leadership;
using VipOperator.Operator.Reconciling;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>The whole operator, in this process.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly WriteCounter _writes;
    private bool _stopped;

    private TestOperator(WebApplication app, WriteCounter writes)
    {
        _app = app;
        _writes = writes;
        _http = new HttpClient
        { BaseAddress = new Uri(app.Urls.Single(u => u.StartsWith("http:", StringComparison.Ordinal))) };
    }

    public bool IsLeader => _app.Services.GetRequiredService<LeaderElector>().IsLeader;

    public bool IsSynced => _app.Services.GetRequiredService<ClusterState>().IsSynced;

    /// <summary>Requests that were sent to change something, but for the lease.</summary>
    public int Writes => _writes.Count;

    /// <summary>The port of the webhook.</summary>
    public int WebhookPort => new Uri(_app.Urls.Single(u => u.StartsWith("https:", StringComparison.Ordinal))).Port;

    /// <summary>As if something had changed.</summary>
    public void MakePlan() => _app.Services.GetRequiredService<ClusterState>().Changes.Set();

    /// <summary>Plans made so far.</summary>
    public async Task<int> PlansAsync()
    {
        const string Name = "vipoperator_operator_plan_duration_seconds_count ";
        string metrics = await _http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        string? line = metrics.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line[Name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public static async Task<TestOperator> StartAsync(
        OperatorSettings settings, DelegatingHandler? handler = null, ApiPatience? patience = null,
        TimeProvider? time = null)
    {
        WriteCounter writes = new();
        WebApplication app = OperatorHost.Build(
            settings, time ?? TimeProvider.System, services =>
            {
                services.AddSingleton<DelegatingHandler>(writes);
                if (handler is not null)
                    services.AddSingleton(handler);
                if (patience is not null)
                    services.AddSingleton(patience);
            });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestOperator(app, writes);
    }

    /// <summary>Whether a write has failed so far.</summary>
    public async Task<bool> HasFailedWritesAsync() =>
        (await GetAsync("/metrics")).Text.Contains("outcome=\"failure\"", StringComparison.Ordinal);

    public async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
