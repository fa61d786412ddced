using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Notifying;
using VipOperator.Operator.Observing;
using VipOperator.Operator.Tests.Cluster;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>The notifier alone, with a file of settings, its metrics and its log.</summary>
internal sealed class NotifierHarness : IAsyncDisposable, ILogger<Notifier>
{
    private readonly OperatorMetrics _metrics = new();
    private readonly ConcurrentQueue<string> _log = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Notifier _notifier;
    private readonly Task _running;

    public NotifierHarness(TestFolder folder, string channels)
    {
        File = Write(folder, channels);
        _notifier = new Notifier(
            new OperatorSettings { NotificationsFile = File }, TimeProvider.System, _metrics, this);
        _running = _notifier.RunAsync(_end.Token);
    }

    public string File { get; }

    public string Log => string.Join('\n', _log);

    /// <param name="channels">YAML, the entries of the list.</param>
    public static string Write(TestFolder folder, string channels) => folder.Write(
        "notifications.yaml", $"apiVersion: vipoperator.io/v1alpha1\nkind: NotificationConfiguration\nclusterName: lab\nchannels:\n{channels}");

    /// <summary>Waits until the file has been looked at.</summary>
    public Task ReadyAsync() =>
        Eventually.TrueAsync(async () => !double.IsNaN(await MetricAsync("vipoperator_notification_settings_valid")));

    public void Record(string name, EventReason reason, string message = "What happened.", string @namespace = "web") =>
        _notifier.Notify(new RecordEvent(new ObjectKey(@namespace, name), "uid-of-" + name, reason, message), null);

    public async Task<double> MetricAsync(string series)
    {
        using MemoryStream stream = new();
        await _metrics.Registry.CollectAndExportAsTextAsync(stream, TestContext.Current.CancellationToken);
        string? line = Encoding.UTF8.GetString(stream.ToArray()).Split('\n')
            .FirstOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public Task<double> TotalAsync(string channel, string result) =>
        MetricAsync($"vipoperator_notifications_total{{channel=\"{channel}\",result=\"{result}\"}}");

    public Task MetricBecomesAsync(string series, double value) => Eventually.GetAsync(
        async () => await MetricAsync(series) == value ? "" : null,
        async () => $"{series} is {await MetricAsync(series)}, not {value}. The log:\n{Log}");

    public Task TotalBecomesAsync(string channel, string result, double value) =>
        MetricBecomesAsync($"vipoperator_notifications_total{{channel=\"{channel}\",result=\"{result}\"}}", value);

    public Task FailuresReachAsync(string channel, int count) => Eventually.TrueAsync(
        async () => await MetricAsync($"vipoperator_notification_failures_total{{channel=\"{channel}\"}}") >= count);

    /// <summary>As at the end of the operator.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _log.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
}
