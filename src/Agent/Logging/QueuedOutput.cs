using System.Threading.Channels;

namespace VipOperator.Agent.Logging;

/// <summary>
/// Lines on their way to a stream. A log that nobody reads (a full pipe) costs lines, never time: verdicts must not
/// wait.
/// </summary>
internal sealed class QueuedOutput : IDisposable
{
    private const int MostLines = 1000;

    /// <summary>At the end, for what is still queued.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Stream _output;
    private readonly Task _writing;
    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MostLines) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public QueuedOutput(Stream output)
    {
        _output = output;
        _writing = Task.Run(WriteAsync);
    }

    public void Write(ReadOnlySpan<byte> line) => _lines.Writer.TryWrite(line.ToArray());

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait(FlushTimeout);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (byte[] line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await _output.WriteAsync(line).ConfigureAwait(false);
                await _output.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The reader is gone for good; later lines fill the queue and are dropped.
        }
    }
}
