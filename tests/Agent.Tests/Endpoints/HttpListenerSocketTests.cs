using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Tests.Endpoints;

public sealed class HttpListenerSocketTests
{
    [Fact]
    public async Task Answer_Throws_TheReaderHearsWhatIsWrong_AndTheNextIsAnswered()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        using HttpListenerSocket listener = new(
            new IPEndPoint(IPAddress.Loopback, 0),
            (request, _) => request.Path == "/ok"
                ? Task.FromResult(HttpReply.Text(200, "fine"))
                : throw new DirectoryNotFoundException("/proc/self is not there."),
            TimeProvider.System,
            NullLogger.Instance);
        TaskCompletionSource<EndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = listener.RunAsync(bound.SetResult, stop.Token);
        using HttpClient client = new() { BaseAddress = new Uri($"http://{await bound.Task}") };

        using HttpResponseMessage failed = await client.GetAsync(new Uri("/metrics", UriKind.Relative), stop.Token);
        using HttpResponseMessage next = await client.GetAsync(new Uri("/ok", UriKind.Relative), stop.Token);

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("/metrics cannot be answered: /proc/self is not there.\n",
            await failed.Content.ReadAsStringAsync(stop.Token));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AllAddresses_AreThoseOfIPv4Too_AndAloneWithoutIPv6(bool hasIPv6)
    {
        Assert.SkipWhen(
            hasIPv6 && !Socket.OSSupportsIPv6, "This machine has no IPv6: how both are served is not tested.");
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        using MemoryStream lines = new();
        LineLogger log = new(line => lines.Write(line), LogFormat.Text, LogLevel.Trace, TimeProvider.System);
        using HttpListenerSocket listener = new(
            new IPEndPoint(IPAddress.IPv6Any, 0), (_, _) => Task.FromResult(HttpReply.Text(200, "fine")),
            TimeProvider.System, log)
        {
            HasIPv6 = hasIPv6,
        };
        TaskCompletionSource<EndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = listener.RunAsync(bound.SetResult, stop.Token);
        IPEndPoint address = (IPEndPoint)await bound.Task;
        using HttpClient client = new();

        Assert.Equal(hasIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Address);
        Assert.Equal("fine\n", await client.GetStringAsync(new Uri($"http://127.0.0.1:{address.Port}/"), stop.Token));
        string logged = Encoding.UTF8.GetString(lines.ToArray());
        Assert.Equal(hasIPv6 ? 0 : 1, logged.Split('\n').Count(l => l.Contains(
            "There is no IPv6 here: listening on 0.0.0.0:0 instead of [::]:0", StringComparison.Ordinal)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
