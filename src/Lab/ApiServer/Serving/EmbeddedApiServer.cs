using System.Net;
using System.Net.Security;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using VipOperator.Lab.ApiServer.Access;
using VipOperator.Lab.ApiServer.Definitions;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Lifecycle;
using VipOperator.Lab.ApiServer.Objects;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Serving;

/// <summary>The API server in this process: Kestrel in front, an object store in memory behind.</summary>
internal sealed class EmbeddedApiServer : IApiServer
{
    private static readonly string[] InitialNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    private readonly ApiServerOptions _options;
    private readonly ApiServerFolder _folder;
    private readonly ServingCertificate _certificate;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly ResourceCatalog _catalog = new();
    private readonly ObjectRepository _repository;
    private readonly DefinitionController _definitions;
    private readonly ObjectWriter _writer;
    private readonly ObjectRemover _remover;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _lifecycle;
    private CancellationTokenSource _paused = new();
    private WebApplication? _application;
    private Uri? _url;

    private EmbeddedApiServer(ApiServerOptions options)
    {
        _options = options;
        _folder = new ApiServerFolder(options);
        _certificate = ServingCertificate.Create(_clock.GetUtcNow());
        Store = new ObjectStore(options.HistoryCapacity);
        _repository = new ObjectRepository(Store);
        _definitions = new DefinitionController(Store, _catalog, _clock);
        _writer = new ObjectWriter(_repository, _definitions, _clock);
        _remover = new ObjectRemover(_repository, _definitions, _clock);
        Seed();
        LifecycleController lifecycle = new(Store, _catalog, _remover, _writer);
        _lifecycle = Task.Run(() => lifecycle.RunAsync(_ended.Token));
    }

    public Uri Url => _url ?? throw new InvalidOperationException("The server was not started.");

    public string CaCertificate => _certificate.CaPem;

    public bool IsReal => false;

    public string KubeconfigPath { get; private set; } = "";

    /// <summary>What is stored, for tests that reach behind the API.</summary>
    public ObjectStore Store { get; }

    public FaultInjection Faults { get; } = new();

    public static async Task<EmbeddedApiServer> StartAsync(ApiServerOptions options)
    {
        EmbeddedApiServer server = new(options);
        try
        {
            await server.ResumeAsync();
            server.KubeconfigPath = server.WriteKubeconfig(ApiServerOptions.AdministratorName);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string TokenOf(string user = ApiServerOptions.AdministratorName) => _folder.Tokens[user];

    public string WriteKubeconfig(string user) => _folder.WriteKubeconfig(Url, CaCertificate, user);

    public async Task PauseAsync()
    {
        if (_application is null) return;
        // Watches end first, or the server would wait for them.
        await _paused.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _application = null;
    }

    public async Task ResumeAsync()
    {
        if (_application is not null) return;
        _paused.Dispose();
        _paused = new CancellationTokenSource();
        WebApplication application = Build(BuildRouter(_paused.Token));
        await application.StartAsync();
        _application = application;
        if (_url is not null) return;
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
            .Addresses.First(a => !a.Contains("unix:", StringComparison.Ordinal));
        _url = new Uri(address);
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        await _ended.CancelAsync();
        await _lifecycle;
        _ended.Dispose();
        _paused.Dispose();
        _certificate.Dispose();
        if (_options.SocketPath is { } socket) File.Delete(socket);
        _folder.Dispose();
    }

    private ApiRouter BuildRouter(CancellationToken stopping)
    {
        Dictionary<string, UserInfo> users = _options.AllUsers.ToDictionary(
            u => _folder.Tokens[u.Key], u => new UserInfo(u.Key, u.Value), StringComparer.Ordinal);
        TokenTable tokens = new(users);
        Authorizer authorizer = new(Store);
        ObjectWatcher watcher = new(_repository, _options.BookmarkInterval, _clock);
        ResourceEndpoint resources = new(
            _catalog, authorizer, new Reviews(authorizer, tokens), _repository, new ObjectReader(_repository), _writer,
            new ObjectPatcher(_repository, _writer, _clock), _remover, new PodEviction(_repository, _remover),
            new WatchEndpoint(watcher, _clock, stopping), _clock);
        return new ApiRouter(_catalog, tokens, authorizer, resources, Faults);
    }

    private WebApplication Build(ApiRouter router)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ApiRequest.MaxBodyBytes;
            // A watch may be silent for as long as nothing happens.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _url?.Port ?? _options.Port, Secure);
            if (_options.SocketPath is { } socket)
            {
                File.Delete(socket);
                kestrel.ListenUnixSocket(socket, Secure);
            }
        });
        WebApplication application = builder.Build();
        application.Run(router.HandleAsync);
        return application;
    }

    private void Secure(ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(
            _certificate.Server, null, offline: true);
        listener.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            }),
        });
    }

    private void Seed()
    {
        WriteOptions options = WriteOptions.Internal("vip-lab");
        ResourceType namespaces = _catalog.Find("", "v1", "namespaces")!;
        foreach (string name in InitialNamespaces)
        {
            JsonObject ns = new()
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = name },
            };
            _writer.Create(namespaces, "", ns, options);
        }
        foreach (JsonObject policy in BootstrapPolicy.Objects())
        {
            string plural = policy.Text("kind") == "ClusterRole" ? "clusterroles" : "clusterrolebindings";
            ResourceType type = _catalog.Find("rbac.authorization.k8s.io", "v1", plural)!;
            policy["apiVersion"] = type.ApiVersion;
            _writer.Create(type, "", policy, options);
        }
    }
}
