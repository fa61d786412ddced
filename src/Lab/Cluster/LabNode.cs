using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// A node and its one pod, nginx with its sidecar, and the kubelet that keeps both: it starts the containers in the
/// node's namespace and reports on them.
/// </summary>
internal sealed class LabNode : IAsyncDisposable
{
    /// <summary>The sidecar's setting for <see cref="StateFolder"/>.</summary>
    public const string StateDirectoryVariable = "VIP_AGENT_STATE_DIRECTORY";

    private const string ServerAddress = "127.0.0.1";
    private const int ServerPort = 6443;
    private const int MetricsPort = 9441;
    private static readonly TimeSpan ReportRetry = TimeSpan.FromMilliseconds(500);

    private readonly ApiClient _api;
    private readonly LabFolder _folder;
    private readonly string _apiSocket;
    private readonly Action _containerChanged;
    private readonly List<Container> _containers = [];
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private Task _reporting = Task.CompletedTask;
    private ChildProcess? _relay;
    private string _podUid = "";
    private DateTimeOffset _started;

    /// <param name="apiSocket">The Unix socket through which the API server is reached.</param>
    /// <param name="containerChanged">Called when a container was started or has ended, on any thread.</param>
    public LabNode(
        NetworkHost host, NetworkSegment segment, LabFolder folder, ApiClient api, string apiSocket, Action containerChanged)
    {
        Host = host;
        Namespace = segment.NamespaceOf(host);
        PodName = $"nginx-{host.Name}";
        _folder = folder;
        _api = api;
        _apiSocket = apiSocket;
        _containerChanged = containerChanged;
    }

    public NetworkHost Host { get; }

    public string Namespace { get; }

    public string PodName { get; }

    public string SecretsFolder => _folder.At(Host.Name, "secrets");

    /// <summary>In the order of their start; none before <see cref="StartAsync"/>.</summary>
    public IReadOnlyList<Container> Containers => _containers;

    public Container Nginx => _containers.Single(c => c.Name == Container.NginxName);

    public Container Sidecar => _containers.Single(c => c.Name == Container.SidecarName);

    /// <summary>Where the sidecar keeps its own files; <c>vip-sidecar status</c> asks there.</summary>
    public string StateFolder => _folder.At(Host.Name, "state");

    public NodeState State => new(
        Host.Name, Namespace, PodName, StateFolder,
        [.. _containers.Select(c => new ContainerState(c.Name, c.ProcessId, c.Restarts))]);

    private string AccountFolder => _folder.At(Host.Name, "serviceaccount");

    /// <summary>Makes the API server reachable from the node, where a pod looks for it.</summary>
    public void ConnectToApiServer() => _relay = ChildProcess.Start(new ChildProcessSpec
    {
        Name = $"way to the API server of {Host.Name}",
        Program = Self.Program,
        Arguments = ["relay", $"{ServerAddress}:{ServerPort}", _apiSocket],
        Namespace = Namespace,
        LogFile = _folder.LogOf($"{Host.Name}-relay"),
    });

    /// <summary>Registers node and pod, and starts the pod's containers.</summary>
    /// <param name="programs">The folder of the sidecar.</param>
    /// <param name="token">The one of the pods' service account; null: one that is bound to this pod is asked for, as a kubelet does.</param>
    /// <param name="authorityPem">Who signed the certificate of the API server.</param>
    /// <exception cref="ToolException">The API server refuses, or a program is missing.</exception>
    public async Task StartAsync(string programs, string? token, string authorityPem, CancellationToken cancellation)
    {
        _started = DateTimeOffset.UtcNow;
        (string nodePath, JsonNode node) = ClusterObjects.Node(Host);
        await _api.ApplyAsync(nodePath, node, cancellation);
        await _api.PatchStatusAsync(nodePath, ClusterObjects.NodeStatus(Host), cancellation);
        (string podPath, JsonNode pod) = ClusterObjects.Pod(PodName, Host);
        JsonNode created = await _api.ApplyAsync(podPath, pod, cancellation);
        _podUid = created["metadata"]!["uid"]!.GetValue<string>();

        token ??= (await _api.CreateAsync(
            ClusterObjects.TokenPath, ClusterObjects.TokenRequest(PodName, _podUid), cancellation))["status"]!["token"]!.GetValue<string>();

        Directory.CreateDirectory(SecretsFolder);
        Directory.CreateDirectory(StateFolder);
        await MountedFiles.WriteAsync(
            AccountFolder,
            new Dictionary<string, byte[]>
            {
                ["token"] = Encoding.UTF8.GetBytes(token),
                ["ca.crt"] = Encoding.UTF8.GetBytes(authorityPem),
                ["namespace"] = Encoding.UTF8.GetBytes(ClusterObjects.PodNamespace),
            },
            cancellation);
        _containers.Add(NewContainer(Container.NginxName, Cluster.Nginx.Prepare(
            Namespace, Host, _folder.At(Host.Name, "nginx"), _folder.LogOf($"{Host.Name}-nginx"))));
        _containers.Add(NewContainer(Container.SidecarName, SidecarSpec(programs)));
        foreach (Container container in _containers)
            await container.StartAsync();
        _reporting = ReportAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Container container in _containers.AsEnumerable().Reverse())
            await container.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
        await _stopping.CancelAsync();
        await _reporting;
        _stopping.Dispose();
        _changed.Dispose();
    }

    private Container NewContainer(string name, ChildProcessSpec spec) => new(name, spec, () =>
    {
        _changed.Release();
        _containerChanged();
    });

    private ChildProcessSpec SidecarSpec(string programs) => new()
    {
        Name = $"sidecar of {Host.Name}",
        Program = Path.Combine(programs, "vip-sidecar"),
        Namespace = Namespace,
        LogFile = _folder.LogOf($"{Host.Name}-sidecar"),
        Capabilities = ["net_admin", "net_raw"],
        Environment = new Dictionary<string, string>
        {
            ["POD_NAME"] = PodName,
            ["POD_NAMESPACE"] = ClusterObjects.PodNamespace,
            ["POD_UID"] = _podUid,
            ["POD_IP"] = Host.Address.ToString(),
            ["NODE_NAME"] = Host.Name,
            ["KUBERNETES_SERVICE_HOST"] = ServerAddress,
            ["KUBERNETES_SERVICE_PORT"] = $"{ServerPort}",
            [StateDirectoryVariable] = StateFolder,
            ["VIP_AGENT_SECRETS_DIRECTORY"] = SecretsFolder,
            ["VIP_AGENT_SERVICE_ACCOUNT_DIRECTORY"] = AccountFolder,
            // To be looked at from the client too, as Prometheus would.
            ["VIP_AGENT_METRICS_ADDRESS"] = $"0.0.0.0:{MetricsPort}",
            ["VIP_AGENT_LOG_FORMAT"] = "text",
        },
    };

    /// <summary>Tells the API server of each change of the containers, and again while it is away.</summary>
    private async Task ReportAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _changed.WaitAsync(cancellation);
                JsonNode status = ClusterObjects.PodStatus(PodName, Host, _started, Containers);
                await _api.PatchStatusAsync(ClusterObjects.PodPath(PodName), status, cancellation);
            }
            catch (ToolException)
            {
                _changed.Release();
                await Task.Delay(ReportRetry, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The end, or a request that timed out.
            }
        }
    }
}
