using System.Threading.Channels;

namespace VipOperator.Agent.Logging;

/// <summary>
/// Lines on their way to a stream. A log that nobody reads (a full pipe) costs lines, never time: verdicts must not
/// wait. Lines that could not be written, to a full disk say, are counted, and said to be missing once they can be
/// again.
/// </summary>
internal sealed class QueuedOutput : IDisposable
{
    private const int MostLines = 1000;

    /// <summary>At the end, for what is still queued.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Stream _output;
    private readonly Task _writing;
    private readonly Channel<byte[]> _lines;

    private long _lost;

    public QueuedOutput(Stream output)
    {
        _output = output;
        _lines = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(MostLines) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _lost));
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>
    /// Lines can be written again after this many were lost. Called on the writer's thread, for a line to be written
    /// about it.
    /// </summary>
    public event Action<long>? Recovered;

    public void Write(ReadOnlySpan<byte> line) => _lines.Writer.TryWrite(line.ToArray());

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait(FlushTimeout);
    }

    private async Task WriteAsync()
    {
        await foreach (byte[] line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await _output.WriteAsync(line).ConfigureAwait(false);
                await _output.FlushAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A disk has room again later; where the reader is gone for good the lines are lost one by one.
                Interlocked.Increment(ref _lost);
                continue;
            }

            // Not while lines still wait: that would cost one more of them, and be said again and again.
            if (_lines.Reader.Count == 0 && Interlocked.Read(ref _lost) > 0 && Recovered is { } recovered)
                recovered(Interlocked.Exchange(ref _lost, 0));
        }
    }
}
