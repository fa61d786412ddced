using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VipOperator.Agent.Probes;
using VipOperator.Api;

namespace VipOperator.Agent.Tests.Probes;

/// <summary>Single probes against small services of this process.</summary>
public sealed class ServiceProbeTests : IDisposable
{
    private readonly TcpListener _service = new(IPAddress.Loopback, 0);
    private readonly ProbeTargets _targets = new(given: null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_service.LocalEndpoint).Port;

    public ServiceProbeTests() => _service.Start();

    public void Dispose() => _service.Dispose();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "Success", "")]
    [InlineData("HTTP/1.0 301 Moved\r\nLocation: http://elsewhere/\r\n\r\n", "Success", "")]
    [InlineData(
        "HTTP/1.1 404 Not Found\r\n\r\n", "Failure", "127.0.0.1:PORT answers with status 404; expected is 200-399")]
    [InlineData("HTTP/1.1 503\r\n\r\n", "Failure", "127.0.0.1:PORT answers with status 503; expected is 200-399")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "Failure", "127.0.0.1:PORT answers something else than HTTP/1")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", "Failure", "127.0.0.1:PORT answers something else than HTTP/1")]
    [InlineData("HTT", "Failure", "127.0.0.1:PORT answers something else than HTTP/1")]
    [InlineData("", "Broken", "127.0.0.1:PORT closed the connection before it answered")]
    public async Task Http_Answer_IsJudgedByItsStatusLine(string answer, string kind, string message)
    {
        Task<string> served = ServeAsync(answer);
        using HttpProbe probe = new(_targets, new HttpProbeSpec { Port = Port });

        ProbeOutcome outcome = await probe.RunAsync(passing: false, Cancellation);

        await served;
        Assert.Equal(kind, outcome.Kind.ToString());
        Assert.Equal(message.Replace("PORT", $"{Port}", StringComparison.Ordinal), outcome.Message);
    }

    [Fact]
    public async Task Http_Request_CarriesPathAndHost()
    {
        Task<string> served = ServeAsync("HTTP/1.1 200 OK\r\n\r\n");
        using HttpProbe probe = new(
            _targets, new HttpProbeSpec { Port = Port, Path = "/ok?x=1", Host = "shop.example" });

        await probe.RunAsync(passing: false, Cancellation);

        Assert.StartsWith("GET /ok?x=1 HTTP/1.1\r\nHost: shop.example\r\n", await served, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_HeaderFields_AreSentAndGoBeforeOurOwn()
    {
        Task<string> served = ServeAsync("HTTP/1.1 200 OK\r\n\r\n");
        HttpHeader[] headers =
        [
            new() { Name = "host", Value = "shop.example" },
            new() { Name = "X-Probe", Value = "a b" },
            new() { Name = "User-Agent", Value = "probe/1" },
        ];
        using HttpProbe probe = new(
            _targets, new HttpProbeSpec { Port = Port, Host = "other.example", HttpHeaders = headers });

        await probe.RunAsync(passing: false, Cancellation);

        Assert.Equal(
            "GET / HTTP/1.1\r\nAccept: */*\r\nhost: shop.example\r\nX-Probe: a b\r\nUser-Agent: "
            + "probe/1\r\nConnection: close\r\n\r\n",
            await served);
    }

    [Fact]
    public async Task Http_StatusOutsideAGivenRange_Fails()
    {
        Task<string> served = ServeAsync("HTTP/1.1 301 Moved\r\n\r\n");
        using HttpProbe probe = new(_targets, new HttpProbeSpec { Port = Port, ExpectedStatus = "200" });

        ProbeOutcome outcome = await probe.RunAsync(passing: false, Cancellation);

        await served;
        Assert.Equal(ProbeOutcomeKind.Failure, outcome.Kind);
        Assert.EndsWith("answers with status 301; expected is 200", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_ServiceThatTakesConnectionsAndSaysNothing_IsCancelledInTime()
    {
        using HttpProbe probe = new(_targets, new HttpProbeSpec { Port = Port });
        using CancellationTokenSource limit = new(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.RunAsync(passing: false, limit.Token));
    }

    /// <summary>
    /// The kernel takes one connection more than the backlog says and then answers no SYN (listen(2), tcp(7)).
    /// </summary>
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FullAcceptQueue_IsNoAnswer(bool http)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using Socket service = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        service.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        service.Listen(backlog: 1);
        int port = ((IPEndPoint)service.LocalEndPoint!).Port;
        List<Socket> queued = [];
        try
        {
            // Until one does not come through: the queue is full.
            bool full = false;
            while (!full)
            {
                Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                queued.Add(client);
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(200);
                await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token).AsTask()
                    .ConfigureAwait(
                        ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
                full = !client.Connected;
            }

            using IProbe probe = http
                ? new HttpProbe(_targets, new HttpProbeSpec { Port = port })
                : new TcpProbe(_targets, new TcpProbeSpec { Port = port });
            using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(200);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.RunAsync(passing: true, timeout.Token));
        }
        finally
        {
            queued.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Https_SelfSignedCertificate_IsNoFault()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest(
            "CN=nobody", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Task served = Task.Run(
            async () =>
            {
                using TcpClient client = await _service.AcceptTcpClientAsync(Cancellation);
                using SslStream stream = new(client.GetStream());
                await stream.AuthenticateAsServerAsync(certificate);
                byte[] request = new byte[1024];
                _ = await stream.ReadAsync(request, Cancellation);
                await stream.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancellation);
            },
            Cancellation);
        using HttpProbe probe = new(
            _targets, new HttpProbeSpec { Port = Port, Scheme = ProbeScheme.HTTPS, Host = "shop.example" });

        ProbeOutcome outcome = await probe.RunAsync(passing: false, Cancellation);

        await served;
        Assert.Equal(ProbeOutcome.Success, outcome);
    }

    [Fact]
    public async Task Https_ServiceWithoutTls_Fails()
    {
        Task<string> served = ServeAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        using HttpProbe probe = new(_targets, new HttpProbeSpec { Port = Port, Scheme = ProbeScheme.HTTPS });

        ProbeOutcome outcome = await probe.RunAsync(passing: false, Cancellation);

        await served;
        Assert.NotEqual(ProbeOutcomeKind.Success, outcome.Kind);
    }

    [Fact]
    public async Task Tcp_PortThatListens_Passes_AndThatDoesNotIsGone()
    {
        using TcpProbe probe = new(_targets, new TcpProbeSpec { Port = Port });
        Assert.Equal(ProbeOutcome.Success, await probe.RunAsync(passing: false, Cancellation));

        _service.Stop();

        ProbeOutcome outcome = await probe.RunAsync(passing: true, Cancellation);
        Assert.Equal(ProbeOutcomeKind.Gone, outcome.Kind);
        Assert.EndsWith("refuses connections: nothing listens there", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_ServiceOnTheNodesAddressAlone_IsFoundThereAndStaysThere()
    {
        using TcpListener elsewhere = new(IPAddress.Parse("127.0.0.2"), Port);
        elsewhere.Start();
        _service.Stop();
        _targets.SetPrimaryAddresses([IPAddress.Parse("127.0.0.3")]);
        using TcpProbe probe = new(_targets, new TcpProbeSpec { Port = ((IPEndPoint)elsewhere.LocalEndpoint).Port });
        Assert.Equal(ProbeOutcomeKind.Gone, (await probe.RunAsync(passing: false, Cancellation)).Kind);

        _targets.SetPrimaryAddresses([IPAddress.Parse("127.0.0.2")]);
        Assert.Equal(ProbeOutcome.Success, await probe.RunAsync(passing: false, Cancellation));

        // Another program on the same port of another address must not hide that the service is gone.
        elsewhere.Stop();
        using TcpListener other = new(IPAddress.Loopback, ((IPEndPoint)elsewhere.LocalEndpoint).Port);
        other.Start();
        Assert.Equal(ProbeOutcomeKind.Gone, (await probe.RunAsync(passing: true, Cancellation)).Kind);
    }

    [Fact]
    public async Task Process_IsFoundByItsNameAndMissedWhenItIsOver()
    {
        string folder = Directory.CreateTempSubdirectory("proc-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "17"));
            Directory.CreateDirectory(Path.Combine(folder, "self"));
            string stat = Path.Combine(folder, "17", "stat");
            using ProcessProbe probe = new(new ProcessProbeSpec { Name = "ng (x) inx" }, folder);
            Assert.Equal(ProbeOutcomeKind.Gone, (await probe.RunAsync(passing: false, Cancellation)).Kind);

            await File.WriteAllTextAsync(stat, "17 (ng (x) inx) S 1 17 17 0", Cancellation);
            Assert.Equal(ProbeOutcome.Success, await probe.RunAsync(passing: false, Cancellation));
            await File.WriteAllTextAsync(stat, "17 (ng (x) inx) Z 1 17 17 0", Cancellation);
            Assert.Equal(ProbeOutcomeKind.Gone, (await probe.RunAsync(passing: true, Cancellation)).Kind);
            await File.WriteAllTextAsync(stat, "17 (nginx) S 1 17 17 0", Cancellation);
            Assert.Equal(ProbeOutcomeKind.Gone, (await probe.RunAsync(passing: true, Cancellation)).Kind);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Process_ThisOne_IsFoundInTheRealProc()
    {
        string name = (await File.ReadAllTextAsync("/proc/self/comm", Cancellation)).TrimEnd('\n');
        using ProcessProbe probe = new(new ProcessProbeSpec { Name = name });

        Assert.Equal(ProbeOutcome.Success, await probe.RunAsync(passing: false, Cancellation));
    }

    /// <summary>Takes one connection, reads once, answers and closes.</summary>
    private async Task<string> ServeAsync(string answer)
    {
        using Socket connection = await _service.AcceptSocketAsync(Cancellation);
        byte[] request = new byte[1024];
        int received = await connection.ReceiveAsync(request, Cancellation);
        await connection.SendAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
        connection.Shutdown(SocketShutdown.Both);
        return Encoding.ASCII.GetString(request, 0, received);
    }
}
