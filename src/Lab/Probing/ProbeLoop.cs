using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace VipOperator.Lab.Probing;

/// <summary>
/// Asks one address again and again, each time over a new connection, and prints a <see cref="ProbeSample"/> per line.
/// A request that hangs does not hold up the next. It paces itself on a thread of its own; the answers are stamped on
/// the socket engine's thread.
/// </summary>
/// <param name="echo">Whether a datagram is sent with each request.</param>
internal sealed class ProbeLoop(IPEndPoint target, TimeSpan interval, TimeSpan timeout, bool echo, TextWriter output)
{
    private readonly ConcurrentQueue<ProbeSample> _ended = new();
    private readonly Queue<ProbeRequest> _inFlight = new();
    private readonly byte[] _request = ProbeRequest.Get(target.Address.ToString());
    private long _intervalMicroseconds = (long)interval.TotalMicroseconds;

    /// <summary>May be called from any thread.</summary>
    public void SetInterval(TimeSpan value) => Volatile.Write(ref _intervalMicroseconds, (long)value.TotalMicroseconds);

    /// <summary>Blocks until cancelled or until nobody reads the output any more.</summary>
    public void Run(CancellationToken cancellation)
    {
        using EchoProbe? echoes = echo
            ? new EchoProbe(new IPEndPoint(target.Address, EchoServer.Port), _ended.Enqueue) : null;
        try
        {
            long next = Clock.NowMicroseconds;
            while (!cancellation.IsCancellationRequested)
            {
                _inFlight.Enqueue(ProbeRequest.Start(target, _request, _ended.Enqueue));
                echoes?.Send();
                GiveUpOverdue();
                Print();
                // A late tick is made up for by the next one, but an overslept second is not followed by a burst.
                long pace = Volatile.Read(ref _intervalMicroseconds);
                next = Math.Max(next + pace, Clock.NowMicroseconds - pace);
                Sleep(next - Clock.NowMicroseconds);
            }
        }
        catch (IOException)
        {
            // The reader has gone; so is the reason to ask.
        }
    }

    private static void Sleep(long microseconds)
    {
        if (microseconds > 0)
            Thread.Sleep(TimeSpan.FromMicroseconds(microseconds));
    }

    private void GiveUpOverdue()
    {
        long oldest = Clock.NowMicroseconds - (long)timeout.TotalMicroseconds;
        while (_inFlight.TryPeek(out ProbeRequest? request) && request.StartedAt < oldest)
        {
            _inFlight.Dequeue();
            request.Dispose();
        }
    }

    private void Print()
    {
        bool any = false;
        while (_ended.TryDequeue(out ProbeSample? sample))
        {
            output.WriteLine(JsonSerializer.Serialize(sample, ProbeJsonContext.Default.ProbeSample));
            any = true;
        }

        if (any)
            output.Flush();
    }
}
