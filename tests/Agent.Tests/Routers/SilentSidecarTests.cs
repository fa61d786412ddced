using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Probes;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Routers;

/// <summary>A sidecar that hangs: the socket stands, and nothing comes.</summary>
public sealed class SilentSidecarTests : IDisposable
{
    private static readonly ImmutableArray<HeardReport> NothingHeard = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-tests-");
    private readonly Requests _sidecar = new();
    private readonly AgentSettings _settings = new();
    private readonly Coordinator _coordinator;
    private readonly AgentEndpoints _endpoints;
    private int _changes;

    public SilentSidecarTests()
    {
        string path = Path.Combine(_folder.FullName, "members.yaml");
        File.WriteAllText(path, AgentHarness.Member("web", 51));
        _coordinator = new Coordinator(
            _sidecar, new MemberPlan(new SecretStore(_folder.FullName), AddressLifetime.Auto, true),
            new ProbeTargets(null), TimeProvider.System, NullLogger.Instance);
        using FileSource source = new(path, _coordinator.Apply, NullLogger.Instance);
        source.Start(ConfigurationFile.Load(path));
        _endpoints = new AgentEndpoints(
            _coordinator, new Handover(_coordinator, _sidecar, TimeProvider.System, NullLogger.Instance), _settings,
            () => null, () => 4711, TimeProvider.System);
        Tell(new ConfigureResult(1, []).Write);
        Tell(Active(1).Write);
        _coordinator.Changed += () => _changes++;
    }

    [Fact]
    public async Task Silent_NothingOfItIsBelieved()
    {
        Assert.Equal("200 ok", await GetAsync("/healthz"));
        Assert.Equal("200 ok", await GetAsync("/readyz"));

        FallSilent();

        Assert.Equal("503 the sidecar does not answer", await GetAsync("/healthz"));
        Assert.Equal("503 the sidecar does not answer", await GetAsync("/readyz"));
        string metrics = await GetAsync("/metrics");
        Assert.Contains("family=\"IPv4\"} 3\n", Family(metrics, "vipoperator_state"), StringComparison.Ordinal);
        Assert.Contains("family=\"IPv4\"} 0\n", Family(metrics, "vipoperator_bound_addresses"),
            StringComparison.Ordinal);
        Assert.Contains("vipoperator_sidecar_answers 0\n", metrics, StringComparison.Ordinal);
        string table = StatusCommand.Table(StateBuilder.Build(
            _coordinator.Snapshot(), null, _settings, 4711, TimeProvider.System));
        Assert.DoesNotContain("Active", table, StringComparison.Ordinal);
        Assert.Contains("The sidecar does not answer", table, StringComparison.Ordinal);
        VirtualIPMemberStatus status = Status();
        Assert.Equal((MemberState.Fault, "SidecarSilent"), (status.State, status.Reason));
        Assert.StartsWith("The sidecar does not answer", status.Message, StringComparison.Ordinal);
        Assert.Empty(status.BoundAddresses!);
    }

    [Fact]
    public async Task Silent_IsAskedNothingMoreAndChangesNothingMore()
    {
        FallSilent();
        VirtualIPMemberStatus status = Status();
        int changes = _changes;
        int requests = _sidecar.Count;

        await GetAsync("/metrics");
        _coordinator.Tick();

        Assert.Equal(requests, _sidecar.Count);
        Assert.Equal(1, changes);
        Assert.Equal(1, _changes);
        Assert.Equal(status.Since, Status().Since);
    }

    [Fact]
    public async Task AnswersAgain_IsBelievedAgain()
    {
        VirtualIPMemberStatus before = Status();
        FallSilent();

        Tell(Ping);

        Assert.Equal("200 ok", await GetAsync("/healthz"));
        Assert.Equal(MemberState.Active, Status().State);
        Assert.Equal(before.Since, Status().Since);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public async Task PingsNowAndThen_IsBelieved()
    {
        for (int i = 0; i < 10; i++)
        {
            _coordinator.Tick();
            _coordinator.Tick();
            Tell(Ping);
        }

        Assert.Equal("200 ok", await GetAsync("/healthz"));
        Assert.Equal(0, _changes);
    }

    public void Dispose()
    {
        _coordinator.Dispose();
        _folder.Delete(recursive: true);
    }

    private void FallSilent()
    {
        for (int i = 0; i < 3; i++)
            _coordinator.Tick();
    }

    private VirtualIPMemberStatus Status() =>
        MemberStatusBuilder.Build(Assert.Single(_coordinator.Snapshot().Members), NothingHeard)!;

    private async Task<string> GetAsync(string path)
    {
        HttpReply reply = await _endpoints.AnswerPublicAsync(
            new HttpRequest("GET", path, ""), TestContext.Current.CancellationToken);
        string body = Encoding.UTF8.GetString(reply.Body.Span);
        return path == "/metrics" ? body : $"{reply.Status} {body.TrimEnd()}";
    }

    private static string Family(string metrics, string name) =>
        string.Concat(metrics.Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal))
            .Select(l => l + "\n"));

    private void Tell(Action<WireWriter> write)
    {
        WireWriter writer = new();
        write(writer);
        FrameBuffer frames = new();
        writer.Written.CopyTo(frames.GetMemory().Span);
        frames.Commit(writer.Length);
        while (frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
            _coordinator.Handle(type, payload);
    }

    private static void Ping(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Ping);
        writer.EndFrame();
    }

    private static RouterReport Active(uint handle) => new()
    {
        Handle = handle,
        State = RouterStateKind.Active,
        Reason = TransitionReason.ActiveDownTimerExpired,
        Since = FakeSidecar.Now,
        EffectivePriority = new Priority(100),
        InterfaceName = "eth0",
        PrimaryAddress = IpAddress.Parse("127.0.0.1"),
        ActiveAddress = IpAddress.Parse("127.0.0.1"),
        ActivePriority = new Priority(100),
        ActiveAdvertisementInterval = Centiseconds.FromSeconds(1),
        BoundAddresses = [IpPrefix.Parse("192.168.1.51/32")],
        Problem = "",
        Counters = [],
        Drops = [],
    };

    /// <summary>Counts what is sent to it.</summary>
    private sealed class Requests : ISidecar
    {
        public int Count { get; private set; }

        public void Send(Action<WireWriter> write) => Count++;
    }
}
