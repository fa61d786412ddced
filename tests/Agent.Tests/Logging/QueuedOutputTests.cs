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
}
