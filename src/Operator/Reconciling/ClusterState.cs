using VipOperator.Api;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Mapping;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Reconciling;

/// <summary>What is known of the cluster, kept up to date by one watch per kind.</summary>
internal sealed class ClusterState
{
    private readonly ApiClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly FreedIds _freedIds = new();

    public ClusterState(
        ApiClient client, OperatorSettings settings, TimeProvider time, OperatorMetrics metrics,
        ILogger<ClusterState> logger)
    {
        _client = client;
        _settings = settings;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        VirtualIPs = new ObjectCache<VirtualIPEntry>(Changes.Set);
        Members = new ObjectCache<MemberObject>(Changes.Set);

        // Pods come and go all the time; selectors are about those of their own namespace.
        Pods = new ObjectCache<PodObject>(Changes.Set, p => VirtualIPs.AnyIn(p.Key.Namespace));
        Nodes = new ObjectCache<NodeObject>(Changes.Set);
    }

    public ChangeSignal Changes { get; } = new();

    public ObjectCache<VirtualIPEntry> VirtualIPs { get; }

    /// <summary>Those that VirtualIPs own.</summary>
    public ObjectCache<MemberObject> Members { get; }

    public ObjectCache<PodObject> Pods { get; }

    public ObjectCache<NodeObject> Nodes { get; }

    /// <summary>Whether all kinds have been listed. Before that a missing pod means nothing.</summary>
    public bool IsSynced => VirtualIPs.IsSynced && Members.IsSynced && Pods.IsSynced && Nodes.IsSynced;

    /// <summary>For the reconciler alone: from one to the next it is seen which ids were freed.</summary>
    public ClusterSnapshot Snapshot()
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        VirtualIPObject[] virtualIPs = [.. VirtualIPs.Snapshot().Select(v => v.Object)];
        return new ClusterSnapshot
        {
            NowUnixMs = now,
            VirtualIPs = virtualIPs,
            Members = Members.Snapshot(),
            Pods = Pods.Snapshot(),
            Nodes = Nodes.Snapshot(),
            RestingIds = [.. _freedIds.Update(virtualIPs, now)],
        };
    }

    /// <summary>Watches until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        Reflect(Resource.VirtualIPs, VirtualIPs, VirtualIPMapper.Read).RunAsync(cancellation),
        Reflect(Resource.Members, Members, MemberMapper.Read).RunAsync(cancellation),
        Reflect(Resource.Pods, Pods, PodMapper.Read).RunAsync(cancellation),
        Reflect(Resource.Nodes, Nodes, NodeMapper.Read).RunAsync(cancellation));

    private Reflector<T> Reflect<T>(
        Resource resource, ObjectCache<T> cache, Func<System.Text.Json.JsonElement, ObjectMetadata, T?> map)
        where T : class =>
        new(
            resource,
            resource == Resource.Nodes ? null : _settings.Namespace,
            _client,
            cache,
            map,
            _time,
            _metrics,
            _logger);
}
