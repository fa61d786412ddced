using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Kubernetes;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Probes;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;

namespace VipOperator.Agent;

/// <summary>
/// The parts of a running agent and their life: it runs as long as the sidecar does. What people, files, the API server
/// and the network send never ends it; a part that ends by a bug ends all, and the sidecar starts the agent again.
/// </summary>
internal sealed class AgentProcess : IDisposable
{
    /// <summary>
    /// After SIGTERM the agent stays this long to report the sidecar's own end: service managers signal both at once.
    /// </summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    /// <summary>For the status that the sidecar's last reports call for.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>For the parts to end once they are cancelled.</summary>
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For what no event tells: hints grow old, and not every change of a file raises one.
    /// </summary>
    private static readonly TimeSpan TendInterval = TimeSpan.FromSeconds(5);

    private readonly AgentSettings _settings;
    private readonly SidecarConnection _sidecar;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SecretStore _secrets;
    private readonly Coordinator _coordinator;
    private readonly CancellationTokenSource _stop = new();
    private FileSource? _file;

    public AgentProcess(AgentSettings settings, SidecarConnection sidecar, TimeProvider time, ILogger log)
    {
        _settings = settings;
        _sidecar = sidecar;
        _time = time;
        _log = log;
        _secrets = new SecretStore(settings.SecretsDirectory);
        MemberPlan plan = new(_secrets, settings.AddressLifetime, settings.PseudoHeaderChecksum);
        _coordinator = new Coordinator(sidecar, plan, new ProbeTargets(settings.ProbeAddress), time, log);
    }

    /// <summary>
    /// Where the public listener listens, once it does; for tests that let the kernel choose the port.
    /// </summary>
    public TaskCompletionSource<EndPoint> PublicAddress { get; } = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the settings lack for running with Kubernetes, and what to do; null when nothing.</summary>
    public static string? FindMissing(AgentSettings settings)
    {
        if (settings.PodUid.Length == 0)
            return "Without --config FILE the configuration comes from Kubernetes: --pod-uid (POD_UID, from the "
                + "downward API) is needed.";
        return settings.KubernetesServer is null
            && ApiConnection.ServerFromEnvironment(Environment.GetEnvironmentVariable) is null
            ? "Without --config FILE the configuration comes from Kubernetes: run in a pod (KUBERNETES_SERVICE_HOST "
                + "and _PORT) or give --kubernetes-server."
            : null;
    }

    /// <param name="file">The configuration file as it was at the start; null with Kubernetes.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ConfigurationFile? file, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration outer = cancellationToken.Register(_stop.Cancel);
        Log.Started(_log, AgentVersion.Text, Environment.ProcessId, _settings.ConfigurationFile ?? "Kubernetes");
        using FileSource? fileSource = file is null
            ? null
            : new FileSource(_settings.ConfigurationFile!, _coordinator.Apply, _log);
        using KubernetesMembers? kubernetes = file is null
            ? KubernetesMembers.Create(_settings, _coordinator, _time, _log)
            : null;
        using SecretSource secrets = new(_secrets, _coordinator.SecretsChanged, _log);
        _file = fileSource;

        AgentEndpoints endpoints = new(
            _coordinator, new Handover(_coordinator, _sidecar, _time, _log), _settings, () => kubernetes?.Snapshot(),
            () => _sidecar.SidecarProcessId, _time);
        HttpListenerSocket socket = new(
            new UnixDomainSocketEndPoint(_settings.SocketPath), endpoints.AnswerPrivateAsync, _time, _log);
        HttpListenerSocket? listener = _settings.MetricsAddress is { } address
            ? new HttpListenerSocket(address, endpoints.AnswerPublicAsync, _time, _log)
            : null;

        Task sidecar = _sidecar.ReceiveAsync(_coordinator.Handle, _stop.Token);
        List<Task> parts = [sidecar, socket.RunAsync(null, _stop.Token), TendAsync(fileSource, secrets, _stop.Token)];
        if (listener is not null)
            parts.Add(listener.RunAsync(OnListening, _stop.Token));
        if (kubernetes is not null)
            parts.AddRange(kubernetes.RunAsync(_stop.Token), kubernetes.WriteStatusAsync(_stop.Token));
        fileSource?.Start(file!);

        Task first = await Task.WhenAny(parts).ConfigureAwait(false);
        if (first.IsFaulted)
            Log.PartEnded(_log, first.Exception!.GetBaseException());
        else
            Log.Stopping(
                _log, first == sidecar && sidecar.IsCompletedSuccessfully ? "the sidecar is gone" : "asked to");
        if (kubernetes is not null && !first.IsFaulted)
            await kubernetes.FlushStatusAsync(FlushTimeout).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).WaitAsync(EndTimeout, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first.IsFaulted ? 1 : 0;
    }

    /// <summary>Asked to end: see <see cref="Linger"/>. Any thread.</summary>
    public void End() => _stop.CancelAfter(Linger);

    /// <summary>Reads the configuration file and the secrets again. Any thread.</summary>
    public void Reload()
    {
        _file?.Reload();
        _coordinator.SecretsChanged();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _coordinator.Dispose();
        _sidecar.Dispose();
    }

    private void OnListening(EndPoint address)
    {
        Log.Listening(_log, address.ToString()!);
        PublicAddress.TrySetResult(address);
    }

    private async Task TendAsync(FileSource? file, SecretSource secrets, CancellationToken cancellationToken)
    {
        MemoryRelease memory = new();
        using PeriodicTimer timer = new(TendInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            _coordinator.Tick();
            memory.Tick();
            file?.Tend();
            secrets.Tend();
            if (_coordinator.LacksSecrets)
                _coordinator.SecretsChanged();
        }
    }
}
