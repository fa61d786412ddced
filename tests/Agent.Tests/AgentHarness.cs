using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;

namespace VipOperator.Agent.Tests;

/// <summary>A whole agent in this process, with a fake sidecar, a folder of its own and its log in memory.</summary>
internal sealed class AgentHarness : IAsyncDisposable
{
    private readonly MemoryStream _log = new();
    private readonly AgentProcess _agent;
    private readonly CancellationTokenSource _stop = new();
    private Task<int>? _running;

    public AgentHarness(Action<AgentSettings>? configure = null, string? folder = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("agent-tests-").FullName;
        Settings = new AgentSettings
        {
            MetricsAddress = new IPEndPoint(IPAddress.Loopback, 0),
            StateDirectory = Path.Combine(Folder, "state"),
            SecretsDirectory = Path.Combine(Folder, "secrets"),
            ServiceAccountDirectory = Path.Combine(Folder, "account"),
            PodUid = "uid-1",
            LogLevel = LogLevel.Trace,
        };
        Directory.CreateDirectory(Settings.SecretsDirectory);
        Directory.CreateDirectory(Settings.ServiceAccountDirectory);
        configure?.Invoke(Settings);
        _agent = new AgentProcess(
            Settings,
            new SidecarConnection(Sidecar.AgentEnd),
            TimeProvider.System,
            new LineLogger(WriteLog, LogFormat.Json, Settings.LogLevel, TimeProvider.System));
    }

    public string Folder { get; }

    public AgentSettings Settings { get; }

    public FakeSidecar Sidecar { get; } = new();

    public Task<int> Running => _running!;

    public string Log
    {
        get
        {
            lock (_log)
                return Encoding.UTF8.GetString(_log.ToArray());
        }
    }

    public Task<EndPoint> PublicAddress => _agent.PublicAddress.Task;

    /// <summary>With Kubernetes.</summary>
    public void Start() => _running = Task.Run(() => _agent.RunAsync(null, _stop.Token));

    public void Start(string yaml)
    {
        string path = Path.Combine(Folder, "members.yaml");
        File.WriteAllText(path, yaml);
        StartWithFile(path);
    }

    public void StartWithFile(string path)
    {
        Settings.ConfigurationFile = path;
        ConfigurationFile file = ConfigurationFile.Load(path);
        Assert.Empty(file.Problems);
        _running = Task.Run(() => _agent.RunAsync(file, _stop.Token));
    }

    public void WriteSecret(string name, string key, string value)
    {
        Directory.CreateDirectory(Path.Combine(Settings.SecretsDirectory, name));
        File.WriteAllText(Path.Combine(Settings.SecretsDirectory, name, key), value);
    }

    public async Task<(int Status, string Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        EndPoint address = await PublicAddress.WaitAsync(cancellationToken);
        (int status, byte[] body) = await LocalAgent.AskAsync(
            address, "GET", path, TimeSpan.FromSeconds(10), cancellationToken);
        return (status, Encoding.UTF8.GetString(body));
    }

    public async Task UntilAsync(
        string path, Func<(int Status, string Body), bool> condition, CancellationToken cancellationToken)
    {
        while (!condition(await GetAsync(path, cancellationToken)))
            await Task.Delay(20, cancellationToken);
    }

    public async Task<StateDocument> StateAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize(
            (await GetAsync("/state", cancellationToken)).Body, StateJsonContext.Default.StateDocument)!;

    /// <summary>The probe of the only member.</summary>
    public async Task<StateProbe> ProbeAsync(CancellationToken cancellationToken) =>
        (await StateAsync(cancellationToken)).Members.Single().Probe!;

    public async Task UntilProbeAsync(Func<StateProbe, bool> condition, CancellationToken cancellationToken)
    {
        StateProbe? probe;
        while ((probe = (await StateAsync(cancellationToken)).Members.SingleOrDefault()?.Probe) is null
            || !condition(probe))
        {
            if (!cancellationToken.IsCancellationRequested)
                await Task.WhenAny(Task.Delay(20, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException("The probe is " + probe, cancellationToken);
        }
    }

    public async Task<(int Code, string Output, string Errors)> CommandAsync(
        Func<AgentSettings, TextWriter, TextWriter, CancellationToken, Task<int>> command,
        CancellationToken cancellationToken)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int code = await command(Settings, output, errors, cancellationToken);
        return (code, output.ToString(), errors.ToString());
    }

    private void WriteLog(ReadOnlySpan<byte> line)
    {
        lock (_log)
            _log.Write(line);
    }

    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
            await _running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _agent.Dispose();
        Sidecar.Dispose();
        _stop.Dispose();
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A member's configuration file.</summary>
    public static string Member(string name, int id) =>
        $$"""
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: {{name}}}
        spec:
          addresses: [192.168.1.{{id}}]
          interfaceName: eth0
          virtualRouterId: {{id}}
          priority: 100
        """;
}
