using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace VipOperator.Operator.Cluster;

/// <summary>The answer to a watch: a line for each change, for as long as the server pleases.</summary>
internal static class WatchStream
{
    /// <param name="silence">Ends a read; started anew with <paramref name="patience"/> before each.</param>
    /// <param name="patience">How long a live server is silent at the most.</param>
    /// <exception cref="SilentWatchException">Nothing was heard for longer.</exception>
    /// <exception cref="HttpRequestException">The connection ended in the middle of a change.</exception>
    public static async IAsyncEnumerable<WatchDocument> ReadAsync(
        Stream stream, CancellationTokenSource silence, TimeSpan patience,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        PipeReader bytes = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            silence.CancelAfter(patience);
            ReadResult read;
            try
            {
                read = await bytes.ReadAsync(silence.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new SilentWatchException(patience);
            }

            ReadOnlySequence<byte> rest = read.Buffer;
            while (TakeLine(ref rest) is { } change)
                yield return change;
            bytes.AdvanceTo(rest.Start, rest.End);
            if (!read.IsCompleted)
                continue;

            // The end of the watch; one in the middle of a line is the connection's.
            if (rest.IsEmpty)
                yield break;
            throw new HttpRequestException("The connection ended in the middle of a change.");
        }
    }

    // null: there is no whole line yet.
    private static WatchDocument? TakeLine(ref ReadOnlySequence<byte> bytes)
    {
        while (bytes.PositionOf((byte)'\n') is { } end)
        {
            Utf8JsonReader line = new(bytes.Slice(0, end));
            bool isEmpty = bytes.Slice(0, end).IsEmpty;
            bytes = bytes.Slice(bytes.GetPosition(1, end));
            if (!isEmpty)
                return JsonSerializer.Deserialize(ref line, ClusterJsonContext.Default.WatchDocument)!;
        }

        return null;
    }
}
