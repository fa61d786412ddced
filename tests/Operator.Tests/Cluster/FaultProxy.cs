using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>What becomes of a request.</summary>
public abstract record Fault
{
    /// <summary>The connection (with HTTP/2 the stream) ends; the server never hears of it.</summary>
    public sealed record Refuse : Fault;

    /// <summary>The server does what it is asked, and nobody hears of it.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>Answered here.</summary>
    public sealed record Answer(HttpStatusCode Code, string Reason, int? RetryAfterS = null) : Fault;

    /// <summary>A watch that says that its version is too old.</summary>
    public sealed record ExpireWatch : Fault;

    /// <summary>Nothing comes for as long as the client has patience.</summary>
    public sealed record Stall : Fault;

    /// <summary>The answer begins, and no more comes of it.</summary>
    public sealed record FallSilent : Fault;

    /// <summary>Later, but right.</summary>
    public sealed record Delay(TimeSpan Time) : Fault;

    /// <summary>The answer breaks off after so many bytes.</summary>
    public sealed record CutAfter(int Bytes) : Fault;
}

/// <summary>
/// A proxy that speaks TLS and HTTP/2 as the API server behind it does, and treats each request as it is told to.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly string[] Forwarded = ["Authorization", "Accept", "User-Agent"];

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _server;
    private readonly X509Certificate2 _certificate;
    private readonly Uri _upstream;
    private volatile Func<HttpRequest, Fault?> _rule = _ => null;

    private FaultProxy(IApiServer server)
    {
        _upstream = server.Url;
        _server = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509Certificate2.CreateFromPem(server.CaCertificate) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        });
        _certificate = SelfSigned();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificate);
            });
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public string KubeconfigPath { get; private set; } = "";

    public static async Task<FaultProxy> StartAsync(IApiServer server)
    {
        FaultProxy proxy = new(server);
        await proxy._app.StartAsync(TestContext.Current.CancellationToken);
        string address = proxy._app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        proxy.KubeconfigPath = Path.Combine(Path.GetTempPath(), $"vip-operator-test-{Guid.NewGuid():n}.kubeconfig");
        string authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(proxy._certificate.ExportCertificatePem()));
        await File.WriteAllTextAsync(
            proxy.KubeconfigPath,
            $$"""
            {"apiVersion": "v1", "kind": "Config", "current-context": "proxy",
             "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "admin"} }],
             "clusters": [{"name": "proxy", "cluster": {"server": "{{address}}", "certificate-authority-data": "{{authority}}"} }],
             "users": [{"name": "admin", "user": {"token": "{{server.TokenOf()}}"} }] }
            """,
            TestContext.Current.CancellationToken);
        return proxy;
    }

    /// <summary>Asked about each request, by several threads; null: it passes.</summary>
    public void Use(Func<HttpRequest, Fault?> rule) => _rule = rule;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
        _certificate.Dispose();
        File.Delete(KubeconfigPath);
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await PlayAsync(context, _rule(context.Request));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // One of the two ends is gone; so is the other now.
            context.Abort();
        }
    }

    private async Task PlayAsync(HttpContext context, Fault? fault)
    {
        switch (fault)
        {
            case null:
                await ForwardAsync(context, int.MaxValue);
                break;
            case Fault.Refuse:
                context.Abort();
                break;
            case Fault.LoseAnswer:
                await ForwardAsync(context, 0);
                context.Abort();
                break;
            case Fault.CutAfter cut:
                await ForwardAsync(context, cut.Bytes);
                context.Abort();
                break;
            case Fault.Stall:
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                break;
            case Fault.FallSilent:
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                break;
            case Fault.Delay delay:
                await Task.Delay(delay.Time, context.RequestAborted);
                await ForwardAsync(context, int.MaxValue);
                break;
            case Fault.ExpireWatch:
                await context.Response.WriteAsync(
                    "{\"type\":\"ERROR\",\"object\":" + Status(HttpStatusCode.Gone, "Expired")
                        + "}\n", context.RequestAborted);
                break;
            case Fault.Answer answer:
                context.Response.StatusCode = (int)answer.Code;
                context.Response.ContentType = "application/json";
                if (answer.RetryAfterS is { } seconds)
                    context.Response.Headers.RetryAfter = $"{seconds}";
                await context.Response.WriteAsync(Status(answer.Code, answer.Reason), context.RequestAborted);
                break;
            default:
                throw new InvalidOperationException(fault.ToString());
        }
    }

    private async Task ForwardAsync(HttpContext context, int bytes)
    {
        using HttpRequestMessage request = new(
            new HttpMethod(context.Request.Method), new Uri(
                _upstream, context.Request.Path + context.Request.QueryString.ToString()));
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        foreach (string header in Forwarded)
            request.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)context.Request.Headers[header]);

        // What the server has begun it also ends: a write whose answer is lost is done.
        using HttpResponseMessage answer = await _server.SendAsync(request, context.RequestAborted);
        if (bytes == 0)
            return;
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (answer.Headers.Date is { } date)
            context.Response.Headers.Date = date.ToString("r");
        await using Stream stream = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        byte[] buffer = new byte[16 * 1024];
        int left = bytes;
        await context.Response.Body.FlushAsync(context.RequestAborted);
        while (left > 0 && await stream.ReadAsync(buffer, context.RequestAborted) is > 0 and int read)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, Math.Min(read, left)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            left -= read;
        }
    }

    private static string Status(HttpStatusCode code, string reason) =>
        $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"made up","reason":"{{reason}}","code":{{(int)code}}}""";

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=fault-proxy", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-10), now.AddDays(1));
    }
}
