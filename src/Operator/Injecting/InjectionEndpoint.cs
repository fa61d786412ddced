using System.Net;
using System.Net.Mime;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Injecting;

/// <summary>The webhook: POST /mutate over TLS, on a port of its own where nothing else is served.</summary>
internal sealed class InjectionEndpoint
{
    private const string MutatePath = "/mutate";

    /// <summary>An AdmissionReview holds the pod once and little else; etcd takes 1.5 MiB of one.</summary>
    private const int LargestBody = 4 * 1024 * 1024;

    private readonly SidecarTemplate _sidecar;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;

    public InjectionEndpoint(SidecarTemplate sidecar, OperatorMetrics metrics, ILogger<InjectionEndpoint> logger)
    {
        _sidecar = sidecar;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>Marks the connections of the webhook's port.</summary>
    private sealed class Mark;

    public static void Listen(KestrelServerOptions kestrel, IPEndPoint address) =>
        kestrel.Listen(address, listen =>
        {
            CertificateKeeper certificates = kestrel.ApplicationServices.GetRequiredService<CertificateKeeper>();
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(new Mark());
                return next(connection);
            });
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificates.Serving ?? throw new AuthenticationException(
                        "There is no certificate yet."),
                }),
            });
        });

    public static void Map(WebApplication app) => app.MapWhen(
        context => context.Features.Get<Mark>() is not null,
        branch => branch.Run(app.Services.GetRequiredService<InjectionEndpoint>().HandleAsync));

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != MutatePath)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LargestBody;
        using MemoryStream body = new();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, e.Message);
            return;
        }

        AdmissionAnswer answer = AdmissionReview.Answer(body.GetBuffer().AsMemory(0, (int)body.Length), _sidecar);
        if (answer.Body is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, answer.Problem!);
            return;
        }

        if (answer.Pod is not null)
            Log.SidecarInjected(_logger, answer.Pod);
        _metrics.CountInjection(answer.Pod is null ? InjectionOutcome.Untouched : InjectionOutcome.Injected);
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await context.Response.WriteAsync(answer.Body.ToJsonString(), context.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext context, int status, string problem)
    {
        _metrics.CountInjection(InjectionOutcome.Invalid);
        Log.AdmissionInvalid(_logger, context.Connection.RemoteIpAddress, problem);
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Text.Plain;
        await context.Response.WriteAsync(problem + "\n", context.RequestAborted);
    }
}

/// <summary>What became of a question to the webhook.</summary>
internal enum InjectionOutcome
{
    Injected,

    /// <summary>No pod that is to have the sidecar, or one that has it.</summary>
    Untouched,

    /// <summary>No AdmissionReview.</summary>
    Invalid,
}
