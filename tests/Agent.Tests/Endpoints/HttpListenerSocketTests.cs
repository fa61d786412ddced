using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VipOperator.Agent.Endpoints;

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
}
