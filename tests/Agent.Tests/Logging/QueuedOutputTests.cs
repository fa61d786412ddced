using System.IO.Pipes;
using System.Text;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Tests.Logging;

public sealed class QueuedOutputTests
{
    private const int Timeout = 30_000;

    /// <summary>An anonymous pipe takes 64 KiB; what is written here is ten times that.</summary>
    [Fact(Timeout = Timeout)]
    public async Task Write_ToAPipeThatNobodyReads_ReturnsAndLosesLines()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        byte[] line = Encoding.ASCII.GetBytes(new string('x', 99) + "\n");
        await Task.Run(
            () =>
            {
                QueuedOutput output = new(pipe);
                for (int i = 0; i < 6_400; i++)
                    output.Write(line);
                output.Dispose();
            },
            TestContext.Current.CancellationToken);
        pipe.DisposeLocalCopyOfClientHandle();
    }

    [Fact(Timeout = Timeout)]
    public async Task Dispose_WritesWhatIsQueued()
    {
        using MemoryStream stream = new();
        await Task.Run(
            () =>
            {
                using QueuedOutput output = new(stream);
                for (int i = 0; i < 100; i++)
                    output.Write("line\n"u8);
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(500, stream.ToArray().Length);
    }

    [Fact(Timeout = Timeout)]
    public async Task Write_DiskFullForAWhile_GoesOnAfterwards_AndSaysHowManyLinesAreMissing()
    {
        using FullStream stream = new() { Full = true };
        await Task.Run(
            async () =>
            {
                using QueuedOutput output = new(stream);
                output.Recovered += lost => output.Write(Encoding.ASCII.GetBytes($"{lost} lost\n"));
                output.Write("first\n"u8);
                output.Write("second\n"u8);
                await stream.Refused.WaitAsync(TestContext.Current.CancellationToken);
                await stream.Refused.WaitAsync(TestContext.Current.CancellationToken);
                stream.Full = false;
                output.Write("third\n"u8);
                await stream.Taken.WaitAsync(TestContext.Current.CancellationToken);
                await stream.Taken.WaitAsync(TestContext.Current.CancellationToken);
                output.Write("fourth\n"u8);
            },
            TestContext.Current.CancellationToken);

        Assert.Equal("third\n2 lost\nfourth\n", Encoding.ASCII.GetString(stream.ToArray()));
    }

    private sealed class FullStream : MemoryStream
    {
        public volatile bool Full;

        public SemaphoreSlim Refused { get; } = new(0);

        public SemaphoreSlim Taken { get; } = new(0);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Full)
            {
                Refused.Release();
                throw new IOException("No space left on device");
            }

            Write(buffer.Span);
            Taken.Release();
            return ValueTask.CompletedTask;
        }

        protected override void Dispose(bool disposing)
        {
            Refused.Dispose();
            Taken.Dispose();
            base.Dispose(disposing);
        }
    }
}
