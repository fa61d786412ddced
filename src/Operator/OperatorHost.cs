using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Injecting;
using VipOperator.Operator.Leadership;
using VipOperator.Operator.Listening;
using VipOperator.Operator.Notifying;
using VipOperator.Operator.Observing;
using VipOperator.Operator.Reconciling;

namespace VipOperator.Operator;

/// <summary>Puts the parts together.</summary>
internal static class OperatorHost
{
    /// <param name="configure">Adds services or puts others in the place of ours.</param>
    public static WebApplication Build(
        OperatorSettings settings, TimeProvider time, Action<IServiceCollection>? configure = null)
    {
        // The empty builder: nothing is read from the environment or from files but what OperatorCommand says.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = "vip-operator" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            ListenSockets sockets = kestrel.ApplicationServices.GetRequiredService<ListenSockets>();
            kestrel.Listen(sockets.Metrics, listen => listen.Protocols = HttpProtocols.Http1);
            if (sockets.Injection is { } injection)
                InjectionEndpoint.Listen(kestrel, injection);
        });
        builder.Services.AddOptions<SocketTransportOptions>().Configure<ListenSockets>(
            (options, sockets) => options.CreateBoundListenSocket = sockets.Take);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(
            options => options.ShutdownTimeout = TimeSpan.FromSeconds(10) + Notifier.Grace);
        ConfigureLogging(builder.Logging, settings);

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(new ApiPatience());
        builder.Services.AddSingleton<ListenSockets>();
        builder.Services.AddSingleton<OperatorMetrics>();
        builder.Services.AddSingleton<VirtualIPMetrics>();
        builder.Services.AddSingleton<ApiClient>();
        builder.Services.AddSingleton<ClusterState>();
        builder.Services.AddSingleton<EventRecorder>();
        builder.Services.AddSingleton<Notifier>();
        builder.Services.AddSingleton<Applier>();
        builder.Services.AddSingleton<Reconciler>();
        builder.Services.AddSingleton<LeaderElector>();
        if (settings.InjectionFile is { } sidecar)
        {
            builder.Services.AddSingleton(SidecarTemplate.Read(sidecar));
            builder.Services.AddSingleton<CertificateKeeper>();
            builder.Services.AddSingleton<InjectionEndpoint>();
        }

        builder.Services.AddHostedService<OperatorService>();
        builder.Services.AddHostedService<MemoryRelease>();
        configure?.Invoke(builder.Services);

        WebApplication app = builder.Build();
        // A kubeconfig or an address that cannot be used is told here, before anything runs.
        _ = app.Services.GetRequiredService<ApiClient>();
        _ = app.Services.GetRequiredService<ListenSockets>();
        if (settings.InjectionFile is not null)
            InjectionEndpoint.Map(app);
        CertificateKeeper? certificates = app.Services.GetService<CertificateKeeper>();
        app.UseRouting();
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", (ClusterState state) => state.IsSynced
            ? certificates is { Serving: null } ? Unready("The webhook has no certificate yet.") : Results.Text("ok\n")
            : Unready("The caches are not filled yet."));
        app.MapGet("/metrics", async (HttpContext context, OperatorMetrics metrics, VirtualIPMetrics virtualIPs) =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await metrics.Registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
            await virtualIPs.WriteAsync(context.Response.Body, context.RequestAborted);
        });
        return app;
    }

    private static IResult Unready(string why) =>
        Results.Text(why + "\n", statusCode: (int)HttpStatusCode.ServiceUnavailable);

    private static void ConfigureLogging(ILoggingBuilder logging, OperatorSettings settings)
    {
        logging.SetMinimumLevel(settings.LogLevel);
        if (settings.LogLevel >= LogLevel.Debug)
        {
            logging.AddFilter("Microsoft", LogLevel.Warning);
            logging.AddFilter("System", LogLevel.Warning);
        }

        if (settings.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    }
}
