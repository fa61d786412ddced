using System.Globalization;
using System.Net;
using System.Text.Json;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Probing;

/// <summary>The lab's side of a client that asks the virtual address all the time: a process in the client's
/// namespace.</summary>
internal sealed class ClientProbe : IAsyncDisposable
{
    /// <summary>A request that has no answer by then has failed; longer than any answer takes, shorter than a resent
    /// SYN.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private readonly ChildProcess _process;
    private readonly Lock _lock = new();
    private readonly List<ProbeSample> _samples = [];
    private readonly List<ProbeSample> _echoes = [];
    private readonly Task _reading;

    private ClientProbe(ChildProcess process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <param name="echo">Whether it sends datagrams too; the nodes must run <see cref="EchoServer"/>.</param>
    public static ClientProbe Start(NetworkSegment segment, IPAddress target, bool echo = false) =>
        new(ChildProcess.Start(new ChildProcessSpec
        {
            Name = "client",
            Program = Self.Program,
            Arguments = ["probe", target.ToString(), "--interval", Milliseconds(Slow), "--timeout", Milliseconds(Timeout),
            .. echo ? (string[])["--echo"] : []],
            Namespace = segment.NamespaceOf(NetworkHost.Client),
            Environment = QuietRuntime,
            Niceness = -20,
        }));

    /// <summary>Who answered last, by the client's latest answer; null: the latest request failed or none was
    /// made.</summary>
    public string? Responder
    {
        get
        {
            lock (_lock)
                return _samples.Count == 0 ? null : _samples[^1].Responder;
        }
    }

    /// <summary>Asks every few milliseconds from here on, and forgets what was before.</summary>
    /// <param name="pace">Between two requests; no gap can be told more exactly.</param>
    public async Task BeginMeasurementAsync(TimeSpan pace, CancellationToken cancellation)
    {
        await SetIntervalAsync(pace);
        lock (_lock)
        {
            _samples.Clear();
            _echoes.Clear();
        }

        // So that there are answers from just before whatever comes next.
        await Task.Delay(Settle, cancellation);
    }

    /// <summary>Waits until <paramref name="responder"/> answers and every earlier request has ended.</summary>
    /// <param name="since">When the fault was made.</param>
    /// <returns>null: it did not answer in time.</returns>
    public async Task<Gap?> EndMeasurementAsync(
        string responder, long since, TimeSpan bound, CancellationToken cancellation)
    {
        bool answered = await Wait.UntilAsync(
            () => Gap.Find(Samples(), since, responder) is not null, bound, cancellation);
        IReadOnlyList<ProbeSample> samples = await EndMeasurementAsync(cancellation);
        return answered ? Gap.Find(samples, since, responder) : null;
    }

    /// <summary>Waits until every earlier request has ended, and asks less often again.</summary>
    /// <returns>All since the measurement began.</returns>
    public async Task<IReadOnlyList<ProbeSample>> EndMeasurementAsync(CancellationToken cancellation)
    {
        await Task.Delay(Timeout + Settle, cancellation);
        await SetIntervalAsync(Slow);
        return Samples();
    }

    /// <summary>Asks less often from here on; the measurement is still to be ended.</summary>
    public Task SlowDownAsync() => SetIntervalAsync(Slow);

    public IReadOnlyList<ProbeSample> Samples()
    {
        lock (_lock)
            return [.. _samples];
    }

    /// <summary>The datagrams that came back since the measurement began.</summary>
    public IReadOnlyList<ProbeSample> Echoes()
    {
        lock (_lock)
            return [.. _echoes];
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _reading;
    }

    // Nothing may hold up the one thread that matters: no background collection, no recompilation while it runs.
    private static Dictionary<string, string> QuietRuntime => new()
    {
        ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_TieredPGO"] = "0",
    };

    private static string Milliseconds(TimeSpan span) => span.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);

    private async Task SetIntervalAsync(TimeSpan interval)
    {
        await _process.Input.WriteLineAsync(Milliseconds(interval));
        await _process.Input.FlushAsync();
    }

    private async Task ReadAsync()
    {
        while (await _process.Output.ReadLineAsync() is { } line)
        {
            ProbeSample? sample = JsonSerializer.Deserialize(line, ProbeJsonContext.Default.ProbeSample);
            if (sample is null)
                continue;
            lock (_lock)
                (sample.IsEcho ? _echoes : _samples).Add(sample);
        }
    }
}
