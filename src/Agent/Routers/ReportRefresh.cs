using VipOperator.Agent.Probes;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// Asks the sidecar for its reports when somebody looks; who looks at the same time shares one request. Thread-safe.
/// </summary>
internal sealed class ReportRefresh(ISidecar sidecar, TimeProvider time)
{
    /// <summary>Reports this young are not asked for again.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TaskCompletionSource? _underWay;
    private MonotonicTime? _ended;

    public void Request() => sidecar.Send(writer =>
    {
        writer.BeginFrame(MessageType.ReportRequest);
        writer.EndFrame();
    });

    /// <summary>Waits for fresh reports, but not for a sidecar that does not answer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task refresh;
        lock (_gate)
        {
            if (_ended is { } ended && time.GetMonotonicTime().Until(ended) < FreshFor)
                return;
            if (_underWay is null)
            {
                _underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Request();
            }

            refresh = _underWay.Task;
        }

        try
        {
            await refresh.WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is known is shown.
            lock (_gate)
                _underWay = null;
        }
    }

    /// <summary>The sidecar has sent all that it was asked for.</summary>
    public void Ended()
    {
        lock (_gate)
        {
            _ended = time.GetMonotonicTime();
            _underWay?.TrySetResult();
            _underWay = null;
        }
    }
}
