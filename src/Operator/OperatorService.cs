using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Injecting;
using VipOperator.Operator.Leadership;
using VipOperator.Operator.Notifying;
using VipOperator.Operator.Observing;
using VipOperator.Operator.Reconciling;

namespace VipOperator.Operator;

/// <summary>
/// Runs the parts: the watches, the events and the notifications for as long as the process lives, the reconciler while
/// it leads.
/// </summary>
internal sealed class OperatorService : BackgroundService
{
    private readonly ClusterState _state;
    private readonly Reconciler _reconciler;
    private readonly LeaderElector _elector;
    private readonly EventRecorder _events;
    private readonly Notifier _notifier;
    private readonly CertificateKeeper? _certificates;
    private readonly ApiClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="certificates">null: there is no webhook.</param>
    public OperatorService(
        ClusterState state,
        Reconciler reconciler,
        LeaderElector elector,
        EventRecorder events,
        Notifier notifier,
        ApiClient client,
        OperatorSettings settings,
        TimeProvider time,
        ILogger<OperatorService> logger,
        CertificateKeeper? certificates = null)
    {
        _state = state;
        _reconciler = reconciler;
        _elector = elector;
        _events = events;
        _notifier = notifier;
        _client = client;
        _settings = settings;
        _time = time;
        _logger = logger;
        _certificates = certificates;
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        Log.Stopping(_logger);
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.Started(
            _logger,
            OperatorVersion.Text,
            _client.Server,
            _settings.Namespace is { } only ? $"namespace {only}" : "all namespaces");

        // Events and notifications outlive the reconciler, and the lease, so that its last ones get through and keep
        // nobody from leading.
        using CancellationTokenSource rest = new();
        Task watching = _state.RunAsync(stoppingToken);
        Task recording = _events.RunAsync(rest.Token);
        Task notifying = _notifier.RunAsync(rest.Token);
        Task following = _certificates?.FollowAsync(stoppingToken) ?? Task.CompletedTask;
        try
        {
            if (await SyncAsync(stoppingToken))
                await _elector.RunAsync(LeadAsync, stoppingToken);
        }
        finally
        {
            await rest.CancelAsync();
            await Task.WhenAll(watching, recording, notifying, following);
        }
    }

    private Task LeadAsync(CancellationToken cancellation) =>
        Task.WhenAll(_reconciler.RunAsync(cancellation), _certificates?.LeadAsync(cancellation) ?? Task.CompletedTask);

    // Nobody stands for election before it could work: another that is ready should rather lead.
    private async Task<bool> SyncAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (_state.IsSynced)
            {
                Log.Synced(
                    _logger,
                    _state.VirtualIPs.Snapshot().Count,
                    _state.Members.Snapshot().Count,
                    _state.Pods.Snapshot().Count,
                    _state.Nodes.Snapshot().Count);
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }
}
