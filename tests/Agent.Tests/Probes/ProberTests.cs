using Microsoft.Extensions.Logging.Abstractions;
using VipOperator.Agent.Probes;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Probes;

/// <summary>The prober on virtual time: interval 10 s, so that what happens sooner has another reason.</summary>
public sealed class ProberTests : IAsyncDisposable
{
    private const int TestTimeout = 20_000;

    private readonly VirtualTime _time = new();
    private readonly FakeService _service;
    private readonly Prober _prober;

    public ProberTests()
    {
        _service = new FakeService(_time);
        ProbeTiming timing = new(
            TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), FailureThreshold: 3, SuccessThreshold: 2,
            RestartGrace: TimeSpan.Zero);
        _prober = new Prober(
            _service, timing, _time, NullLogger.Instance, prober => _service.Note("verdict " + prober.Verdict));
    }

    public async ValueTask DisposeAsync()
    {
        _prober.Dispose();
        await (_prober.Running ?? Task.CompletedTask);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task ServiceThatPasses_IsHeldAfterTheFirstProbe()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await StartAsync(cancellation);
        await _time.GoToAsync(10_000, cancellation);
        await _service.UntilAsync("10000 probe", cancellation);

        Assert.Equal(["0 probe", "0 verdict Passing", "0 hold", "10000 probe"], _service.Events);
    }

    /// <summary>
    /// A graceful stop of a service with two workers: the other one still answers when the first has ended.
    /// </summary>
    [Fact(Timeout = TestTimeout)]
    public async Task HeldConnectionEnds_TheNextWorkerIsHeld_AndItsEndIsNoticedAtOnce()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await StartAsync(cancellation);
        _time.SetTo(5_000);
        _service.EndConnection();
        await _service.UntilAsync("5000 probe", cancellation);
        await _time.GoToAsync(5_002, cancellation);
        await _service.UntilAsync("5002 hold", cancellation);
        await _time.GoToAsync(5_006, cancellation);
        await _service.UntilAsync("5006 probe", cancellation);
        _time.SetTo(5_007);

        _service.Answer = new ProbeOutcome(ProbeOutcomeKind.Gone, "refused");
        _service.EndConnection();
        await _service.UntilAsync("5007 verdict Failing", cancellation);

        Assert.Equal(
            ["5000 probe", "5002 probe", "5002 hold", "5006 probe", "5007 probe", "5007 verdict Failing"],
            _service.Events.Skip(3));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task HeldConnectionEndsSoonAfterItsBegin_TheServiceIsStillWatchedClosely()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await StartAsync(cancellation);
        _time.SetTo(5);
        _service.EndConnection();
        await _service.UntilAsync("5 probe", cancellation);
        await _time.GoToAsync(7, cancellation);
        await _service.UntilAsync("7 probe", cancellation);

        _service.Answer = new ProbeOutcome(ProbeOutcomeKind.Gone, "refused");
        await _time.GoToAsync(11, cancellation);
        await _service.UntilAsync("11 verdict Failing", cancellation);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task ServiceThatEndsEveryConnectionAtOnce_CostsABoundedNumberOfProbesAndConnections()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        _service.EndsEachConnection = true;
        await StartAsync(cancellation);
        await _service.UntilAsync("0 probe", cancellation, times: 2);
        await GoToEachAsync([2, 6, 14, 30, 62, 126, 254, 510, 1000], cancellation);
        await GoToEachAsync([1002, 1006, 1014, 1030, 1062, 1126, 1254, 1510, 2022, 3000], cancellation);

        // The delay doubles: 1, 2, 4 s, up to 30 s.
        Assert.Equal(
            ["0 hold", "1000 hold", "3000 hold"],
            _service.Events.Where(e => e.EndsWith("hold", StringComparison.Ordinal)));
        Assert.Equal(21, _service.Events.Count(e => e.EndsWith("probe", StringComparison.Ordinal)));
        Assert.Equal(Health.Passing, _prober.Verdict);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Disposed_EndsAndLetsTheConnectionGo()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await StartAsync(cancellation);

        _prober.Dispose();
        await _prober.Running!.WaitAsync(cancellation);
        await _prober.Watching!.WaitAsync(cancellation);
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        _prober.Start();
        await _service.UntilAsync("0 hold", cancellation);
    }

    private async Task GoToEachAsync(int[] times, CancellationToken cancellation)
    {
        foreach (int time in times)
            await _time.GoToAsync(time, cancellation);
        await _service.UntilAsync($"{times[^1]} probe", cancellation);
    }

    /// <summary>Answers as it is told and notes when it was asked what.</summary>
    private sealed class FakeService(VirtualTime time) : IProbe
    {
        private readonly Lock _gate = new();
        private readonly List<string> _events = [];
        private TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ProbeOutcome Answer { get; set; } = ProbeOutcome.Success;

        public bool EndsEachConnection { get; set; }

        public string Description => "fake";

        public string[] Events
        {
            get
            {
                lock (_gate)
                    return [.. _events];
            }
        }

        public void Note(string what)
        {
            lock (_gate)
            {
                _events.Add($"{time.GetTimestamp() / 1_000_000} {what}");
                _noted.TrySetResult();
                _noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task UntilAsync(string noted, CancellationToken cancellationToken, int times = 1)
        {
            while (true)
            {
                Task next;
                lock (_gate)
                {
                    if (_events.Count(e => e == noted) >= times)
                        return;
                    next = _noted.Task;
                }

                await next.WaitAsync(cancellationToken);
            }
        }

        public void EndConnection() => _connection.TrySetResult();

        public Task<ProbeOutcome> RunAsync(bool passing, CancellationToken cancellationToken)
        {
            Note("probe");
            return Task.FromResult(Answer);
        }

        public Task? HoldAsync(CancellationToken cancellationToken)
        {
            Note("hold");
            _connection = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (EndsEachConnection)
                _connection.SetResult();
            return _connection.Task.WaitAsync(cancellationToken);
        }

        public void Dispose()
        {
        }
    }
}
