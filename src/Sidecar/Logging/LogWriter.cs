using VipOperator.Sidecar.Linux;

namespace VipOperator.Sidecar.Logging;

/// <summary>Writes lines to standard error and never waits for whoever reads them.</summary>
internal sealed class LogWriter
{
    private const int StandardError = 2;

    /// <summary>Lines that were not written because the reader is behind.</summary>
    public ulong Dropped { get; private set; }

    public void Write(ReadOnlySpan<byte> line)
    {
        // A pipe that polls as writable takes PIPE_BUF bytes at once, so the write does not wait.
        if (!SystemCall.IsWritable(StandardError) || SystemCall.Write(StandardError, line) < 0)
            Dropped++;
    }
}
