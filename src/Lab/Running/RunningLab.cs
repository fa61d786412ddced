using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Running;

/// <summary>A lab that is up: network, API server, operator, two nodes. Disposing ends and removes all of it.</summary>
internal sealed class RunningLab : IAsyncDisposable
{
    private static readonly TimeSpan DefinitionBound = TimeSpan.FromSeconds(20);

    private readonly LabOptions _options;
    private readonly Lock _stateLock = new();
    private readonly List<LabNode> _nodes = [];
    private LabState _state;
    private LabGuard? _guard;
    private ApiClient? _api;
    private SocketRelay? _relay;
    private SecretVolumes? _secrets;

    private RunningLab(LabOptions options, LabFolder folder)
    {
        _options = options;
        Folder = folder;
        _state = new LabState { Phase = LabPhase.Starting, Message = "starting", Programs = options.Programs };
    }

    public LabFolder Folder { get; }

    public NetworkSegment Network { get; private set; } = null!;

    public IApiServer ApiServer { get; private set; } = null!;

    public Container Operator { get; private set; } = null!;

    public IReadOnlyList<LabNode> Nodes => _nodes;

    public ApiClient Api => _api!;

    /// <summary>Starts a lab of which the caller holds the <see cref="LabLock"/>.</summary>
    /// <param name="progress">Gets a line for each step.</param>
    /// <exception cref="ToolException">Something needed is missing or refuses; nothing stays behind.</exception>
    public static async Task<RunningLab> StartAsync(
        LabOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        LabFolder folder = new(options.Name);
        await Leftovers.SweepAsync(folder);
        folder.Create();
        RunningLab lab = new(options, folder);
        try
        {
            await lab.BuildAsync(progress, cancellation);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs kubectl against the lab's API server.</summary>
    public Task<ToolResult> KubectlAsync(
        IEnumerable<string> arguments, CancellationToken cancellation, string? input = null) =>
        Tool.TryRunAsync("kubectl", ["--kubeconfig", ApiServer.KubeconfigPath, .. arguments], cancellation, input);

    /// <summary>Runs a program in the namespace of a host.</summary>
    public Task<ToolResult> ExecAsync(NetworkHost host, IEnumerable<string> command, CancellationToken cancellation) =>
        Tool.TryRunAsync("ip", ["netns", "exec", Network.NamespaceOf(host), .. command], cancellation);

    public LabNode NodeOf(NetworkHost host) => _nodes.Single(n => n.Host == host);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndPartsAsync();
        }
        finally
        {
            // The sweep would find it and take it for a leftover; and nobody must guard against ourselves.
            if (_guard is not null)
                await _guard.DisposeAsync();
            KeepLogs();
            await Leftovers.SweepAsync(Folder);
        }
    }

    private async Task EndPartsAsync()
    {
        foreach (LabNode node in _nodes)
            await node.DisposeAsync();
        if (Operator is not null)
            await Operator.DisposeAsync();
        if (_secrets is not null)
            await _secrets.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
        _api?.Dispose();
        if (ApiServer is not null)
            await ApiServer.DisposeAsync();
    }

    private async Task BuildAsync(IProgress<string> progress, CancellationToken cancellation)
    {
        _guard = LabGuard.Post(_options.Name);
        Report("two nodes, a client and a switch", progress);
        Network = await NetworkSegment.CreateAsync(_options.Name, NetworkHost.All, cancellation);
        Report("API server", progress);
        await StartApiServerAsync(cancellation);
        Report("resource definitions", progress);
        await ApplyDefinitionsAsync(cancellation);
        Report("operator", progress);
        await StartOperatorAsync();
        Report("nginx and sidecar on each node", progress);
        await StartNodesAsync(cancellation);
        lock (_stateLock)
            _state = _state with { Phase = LabPhase.Ready, Message = "up" };
        WriteState();
    }

    private void Report(string step, IProgress<string> progress)
    {
        progress.Report(step);
        lock (_stateLock)
            _state = _state with { Message = step };
        WriteState();
    }

    private async Task StartApiServerAsync(CancellationToken cancellation)
    {
        ApiServer = await ApiServers.StartAsync(new ApiServerOptions
        {
            Folder = Folder.At("apiserver"),
            Users = new Dictionary<string, string[]>
            {
                [ClusterObjects.AccountUser] = ClusterObjects.AccountGroups,
                [ClusterObjects.OperatorUser] = ClusterObjects.OperatorGroups,
            },
        }).WaitAsync(cancellation);
        _api = new ApiClient(ApiServer.Url, ApiServer.CaCertificate, ApiServer.TokenOf());
        _relay = new SocketRelay(
            new UnixDomainSocketEndPoint(ApiSocket), new IPEndPoint(
                IPAddress.Parse(ApiServer.Url.Host), ApiServer.Url.Port));
        // Now already, so that they are there when the first sidecar asks.
        foreach (NetworkHost host in NetworkHost.Nodes)
        {
            LabNode node = new(host, Network, Folder, Api, ApiSocket, WriteState);
            node.ConnectToApiServer();
            _nodes.Add(node);
        }
    }

    private string ApiSocket => Folder.At("api.sock");

    private async Task ApplyDefinitionsAsync(CancellationToken cancellation)
    {
        string folder = Folder.At("crds");
        Manifests.Definitions.WriteTo(folder);
        Manifests.Examples.WriteTo(Folder.At("examples"));
        (await KubectlAsync(["apply", "--server-side", "-f", folder], cancellation)).EnsureSucceeded();
        (await KubectlAsync(
            ["wait", "--for=condition=Established", $"--timeout={DefinitionBound.TotalSeconds}s", "-f", folder],
            cancellation)).EnsureSucceeded();
        string deployment = Folder.At("deploy");
        Manifests.Deployment.WriteTo(deployment);
        (await KubectlAsync(["apply", "--server-side", "-f", deployment], cancellation)).EnsureSucceeded();
    }

    private async Task StartOperatorAsync()
    {
        Operator = new Container(
            "vip-operator",
            new ChildProcessSpec
            {
                Name = "operator",
                Program = Path.Combine(_options.Programs, "vip-operator"),
                LogFile = Folder.LogOf("operator"),
                Environment = new Dictionary<string, string>
                {
                    // With its own rights and no more, as in a cluster.
                    ["VIP_OPERATOR_KUBECONFIG"] = ApiServer.WriteKubeconfig(ClusterObjects.OperatorUser),
                    ["VIP_OPERATOR_LEASE_NAMESPACE"] = ClusterObjects.OperatorNamespace,
                    // Several labs may be up at once; nobody needs to know the port.
                    ["VIP_OPERATOR_LISTEN"] = "127.0.0.1:0",
                },
            },
            WriteState)
        {
            RestartDelay = _options.RestartDelay,
        };
        await Operator.StartAsync();
    }

    private async Task StartNodesAsync(CancellationToken cancellation)
    {
        foreach ((string path, JsonNode manifest) in ClusterObjects.Shared())
            await Api.ApplyAsync(path, manifest, cancellation);

        // The embedded server knows no tokens that are bound to pods, and runs no policy that asks for one.
        string? token = ApiServer.IsReal ? null : ApiServer.TokenOf(ClusterObjects.AccountUser);
        foreach (LabNode node in _nodes)
        {
            await node.StartAsync(_options.Programs, token, ApiServer.CaCertificate, cancellation);
            foreach (Container container in node.Containers)
                container.RestartDelay = _options.RestartDelay;
        }

        _secrets = new SecretVolumes(Api, [.. _nodes.Select(n => n.SecretsFolder)]);
    }

    private void WriteState()
    {
        lock (_stateLock)
        {
            _state = _state with
            {
                Kubeconfig = ApiServer?.KubeconfigPath ?? "",
                ApiServer = ApiServer?.Url.ToString() ?? "",
                OperatorProcess = Operator?.ProcessId,
                Client = Network?.NamespaceOf(NetworkHost.Client) ?? "",
                Switch = Network?.SwitchNamespace ?? "",
                Nodes = [.. _nodes.Select(n => n.State)],
            };
            if (Directory.Exists(Folder.Path))
                _state.Write(Folder);
        }
    }

    private void KeepLogs()
    {
        if (_options.KeepLogs is not { } target)
            return;
        Directory.CreateDirectory(target);
        foreach (string log in Directory.EnumerateFiles(Folder.LogFolder))
            File.Copy(log, Path.Combine(target, Path.GetFileName(log)), overwrite: true);
    }
}
