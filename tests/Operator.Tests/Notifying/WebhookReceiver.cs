using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>What a receiver of webhooks does as docs/notifications.md tells: it knows nothing of our code.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Key = "a-key-of-the-test";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<JsonNode> _accepted = [];
    private readonly ConcurrentQueue<string> _deliveries = [];
    private volatile Func<int, int> _answers = _ => 204;
    private int _requests;

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single() + "/hook";

    /// <summary>The bodies that it took.</summary>
    public JsonNode[] Bodies => [.. _accepted];

    /// <summary>The ids of all requests, refused ones too.</summary>
    public string[] Deliveries => [.. _deliveries];

    /// <summary>The events of all bodies as "NAMESPACE/NAME REASON".</summary>
    public string[] Events =>
        [.. Bodies.SelectMany(b => b["events"]!.AsArray()).Select(e => $"{e!["virtualIP"]!["name"]} {e["reason"]}")];

    /// <param name="answers">From the number of the request, 1 for the first, to a status.</param>
    public static async Task<WebhookReceiver> StartAsync(
        TestCertificate? certificate = null, Func<int, int>? answers = null, int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile));
        }));
        WebApplication app = builder.Build();
        WebhookReceiver receiver = new(app);
        receiver._answers = answers ?? receiver._answers;
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public void Answer(Func<int, int> answers) => _answers = answers;

    public async Task<JsonNode[]> BodiesAsync(int count)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_accepted.Count >= count));
        return Bodies;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using MemoryStream stream = new();
        await context.Request.Body.CopyToAsync(stream);
        byte[] body = stream.ToArray();
        _deliveries.Enqueue(context.Request.Headers["VipOperator-Delivery"].ToString());
        context.Response.StatusCode = context.Request is { Method: "POST", ContentType: "application/json" }
            && IsSigned(context.Request.Headers["VipOperator-Signature"].ToString(), body)
            ? _answers(Interlocked.Increment(ref _requests))
            : 400;
        if (context.Response.StatusCode is >= 200 and < 300)
            _accepted.Enqueue(JsonNode.Parse(body)!);
    }

    private static bool IsSigned(string header, byte[] body)
    {
        Dictionary<string, string> parts =
            header.Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        if (!parts.TryGetValue("t", out string? time) || !parts.TryGetValue("v1", out string? code))
            return false;
        long age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(time, CultureInfo.InvariantCulture);
        byte[] expected = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(Key), (byte[])[.. Encoding.UTF8.GetBytes(time + "."), .. body]);
        return Math.Abs(age) < 300 && CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(code));
    }
}
