using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// A node and its one pod, nginx with its sidecar, and the kubelet that keeps both: it starts the containers in the
/// node's namespace, reports on them, and ends them when the pod is deleted.
/// </summary>
internal sealed class LabNode : IAsyncDisposable
{
    /// <summary>The sidecar's setting for <see cref="StateFolder"/>.</summary>
    public const string StateDirectoryVariable = "VIP_AGENT_STATE_DIRECTORY";

    private const string ServerAddress = "127.0.0.1";
    private const int ServerPort = 6443;
    private const int MetricsPort = 9441;
    private static readonly TimeSpan ReportRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>Kubernetes' default.</summary>
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(30);

    private readonly ApiClient _api;
    private readonly LabFolder _folder;
    private readonly string _apiSocket;
    private readonly Action _containerChanged;
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private IReadOnlyList<Container> _containers = [];
    private Task _reporting = Task.CompletedTask;
    private ChildProcess? _relay;
    private string _programs = "";
    private string? _token;
    private string _authorityPem = "";
    private string _podUid = "";
    private int _pods;
    private DateTimeOffset _started;

    /// <param name="apiSocket">The Unix socket through which the API server is reached.</param>
    /// <param name="containerChanged">Called when a container was started or has ended, on any thread.</param>
    public LabNode(
        NetworkHost host, NetworkSegment segment, LabFolder folder, ApiClient api,
        string apiSocket, Action containerChanged)
    {
        Host = host;
        Namespace = segment.NamespaceOf(host);
        _folder = folder;
        _api = api;
        _apiSocket = apiSocket;
        _containerChanged = containerChanged;
    }

    public NetworkHost Host { get; }

    public string Namespace { get; }

    /// <summary>nginx-node1; the pods after it nginx-node1-2 and so on.</summary>
    public string PodName => $"nginx-{Host.Name}{Later}";

    public string SecretsFolder => _folder.At(Host.Name, "secrets");

    /// <summary>In the order of their start; none while there is no pod.</summary>
    public IReadOnlyList<Container> Containers => _containers;

    public Container Nginx => _containers.Single(c => c.Name == Container.NginxName);

    public Container Sidecar => _containers.Single(c => c.Name == Container.SidecarName);

    /// <summary>Where the sidecar keeps its own files; <c>vip-sidecar status</c> asks there.</summary>
    public string StateFolder => _folder.At(Host.Name, "state" + Later);

    public NodeState State => new(
        Host.Name, Namespace, PodName, StateFolder,
        [.. _containers.Select(c => new ContainerState(c.Name, c.ProcessId, c.Restarts))]);

    private string Later => _pods > 1 ? $"-{_pods}" : "";

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
    /// <param name="token">
    /// The one of the pods' service account; null: one that is bound to this pod is asked for, as a kubelet does.
    /// </param>
    /// <param name="authorityPem">Who signed the certificate of the API server.</param>
    /// <exception cref="ToolException">The API server refuses, or a program is missing.</exception>
    public async Task StartAsync(string programs, string? token, string authorityPem, CancellationToken cancellation)
    {
        (string nodePath, JsonNode node) = ClusterObjects.Node(Host);
        await _api.ApplyAsync(nodePath, node, cancellation);
        await _api.PatchStatusAsync(nodePath, ClusterObjects.NodeStatus(Host), cancellation);
        _token = token;
        _authorityPem = authorityPem;
        await StartPodAsync(programs, cancellation);
        _reporting = ReportAsync(_stopping.Token);
    }

    /// <summary>Makes a pod in the place of the one that was deleted, and starts its containers.</summary>
    /// <param name="programs">The folder of the sidecar.</param>
    /// <exception cref="ToolException">The API server refuses, or a program is missing.</exception>
    public async Task StartPodAsync(string programs, CancellationToken cancellation)
    {
        _programs = programs;
        _pods++;
        _started = DateTimeOffset.UtcNow;
        (string podPath, JsonNode pod) = ClusterObjects.Pod(PodName, Host);
        JsonNode created = await _api.ApplyAsync(podPath, pod, cancellation);
        _podUid = created["metadata"]!["uid"]!.GetValue<string>();
        string token = _token ?? (await _api.CreateAsync(
            ClusterObjects.TokenPath, ClusterObjects.TokenRequest(PodName, _podUid),
            cancellation))["status"]!["token"]!.GetValue<string>();

        Directory.CreateDirectory(SecretsFolder);
        Directory.CreateDirectory(StateFolder);
        await MountedFiles.WriteAsync(
            AccountFolder,
            new Dictionary<string, byte[]>
            {
                ["token"] = Encoding.UTF8.GetBytes(token),
                ["ca.crt"] = Encoding.UTF8.GetBytes(_authorityPem),
                ["namespace"] = Encoding.UTF8.GetBytes(ClusterObjects.PodNamespace),
            },
            cancellation);
        ChildProcessSpec nginx = Cluster.Nginx.Prepare(
            Namespace, Host, _folder.At(Host.Name, "nginx"), _folder.LogOf($"{Host.Name}-nginx"));
        _containers =
            [NewContainer(Container.NginxName, nginx), NewContainer(Container.SidecarName, SidecarSpec(programs))];
        foreach (Container container in _containers)
            await container.StartAsync();
    }

    /// <summary>
    /// Deletes the pod as the kubelet of a cluster does it: marked as terminating, preStop hook, signals, gone. The
    /// hook of the sidecar is <c>vip-sidecar handover</c>; that of nginx waits as long, and its stop signal is that of
    /// its image.
    /// </summary>
    /// <returns>What the hook said.</returns>
    /// <exception cref="ToolException">The API server refuses.</exception>
    public async Task<ToolResult> DeletePodAsync(CancellationToken cancellation)
    {
        string path = ClusterObjects.PodPath(PodName);
        await _api.DeleteAsync(path, TerminationGrace, cancellation);
        ToolResult handover = await Tool.TryRunAsync(
            Path.Combine(_programs, "vip-sidecar"), ["handover", "--state-directory", StateFolder], cancellation);
        await Task.WhenAll(Nginx.StopAsync("QUIT"), Sidecar.StopAsync());
        await _api.DeleteAsync(path, TimeSpan.Zero, cancellation);
        foreach (Container container in _containers)
            await container.DisposeAsync();
        _containers = [];
        return handover;
    }

    /// <summary>The power goes: nothing that runs can say goodbye, and nobody reports it.</summary>
    /// <param name="unplug">
    /// Takes it off the network: a process that is killed has its connections ended by the kernel.
    /// </param>
    public async Task PowerOffAsync(Func<Task> unplug)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_containers.Select(c => c.FreezeAsync()));
        await unplug();
        await Task.WhenAll(_containers.Select(c => c.KillAsync()));
    }

    /// <summary>
    /// Whether the pod's readiness probes pass: its containers run, and the sidecar could take an address when asked.
    /// </summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation) =>
        Containers.All(c => c.IsRunning)
        && (await Tool.TryRunAsync("ip", ["netns", "exec", Namespace, "curl", "-sf", "http://127.0.0.1:9441/readyz"],
            cancellation)).Succeeded;

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
