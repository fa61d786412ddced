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
    private const int TestTimeout = 60_000;

    [Fact]
    public async Task Answer_Throws_TheReaderHearsWhatIsWrong_AndTheNextIsAnswered()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        HttpListenerSocket listener = new(
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
        HttpListenerSocket listener = new(
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

    /// <summary>
    /// No time passes, so nobody is too slow: what answers is that those who keep silent make room. Half of them have
    /// asked and been answered, and do not go.
    /// </summary>
    [Fact(Timeout = TestTimeout)]
    public async Task ManySilentConnections_OthersAreAnsweredAllTheSame()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        HttpListenerSocket listener = new(
            new IPEndPoint(IPAddress.Loopback, 0), (_, _) => Task.FromResult(HttpReply.Text(200, "fine")),
            new VirtualTime(), NullLogger.Instance);
        TaskCompletionSource<EndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = listener.RunAsync(bound.SetResult, stop.Token);
        EndPoint address = await bound.Task;
        List<Socket> silent = [];
        try
        {
            for (int i = 0; i < 200; i++)
            {
                Socket client = new(SocketType.Stream, ProtocolType.Tcp);
                silent.Add(client);
                await client.ConnectAsync(address, stop.Token);
                if (i % 2 == 0)
                    await client.SendAsync("GET /healthz HTTP/1.1\r\n\r\n"u8.ToArray(), stop.Token);
            }

            using HttpClient health = new() { BaseAddress = new Uri($"http://{address}") };
            for (int i = 0; i < 100; i++)
                Assert.Equal("fine\n", await health.GetStringAsync(new Uri("/healthz", UriKind.Relative), stop.Token));
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task RequestsBeingAnswered_KeepTheirConnections_AndTheNextIsAnsweredAfterThem()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        using SemaphoreSlim asked = new(0);
        TaskCompletionSource<HttpReply> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
        HttpListenerSocket listener = new(
            new IPEndPoint(IPAddress.Loopback, 0),
            (_, _) =>
            {
                asked.Release();
                return reply.Task;
            },
            new VirtualTime(), NullLogger.Instance);
        TaskCompletionSource<EndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = listener.RunAsync(bound.SetResult, stop.Token);
        using HttpClient client = new() { BaseAddress = new Uri($"http://{await bound.Task}") };

        List<Task<string>> answers = [];
        for (int i = 0; i < 32; i++)
        {
            answers.Add(client.GetStringAsync(new Uri("/state", UriKind.Relative), stop.Token));
            await asked.WaitAsync(stop.Token);
        }

        answers.Add(client.GetStringAsync(new Uri("/state", UriKind.Relative), stop.Token));
        answers.Add(client.GetStringAsync(new Uri("/state", UriKind.Relative), stop.Token));
        reply.SetResult(HttpReply.Text(200, "fine"));

        Assert.All(await Task.WhenAll(answers), a => Assert.Equal("fine\n", a));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
