using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.ApiServer.Serving;

/// <summary>
/// A real kube-apiserver with an etcd of its own on the loopback address, set up as envtest does: RBAC, static tokens,
/// no controllers, no admission of service accounts.
/// </summary>
internal sealed class RealApiServer : IApiServer
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _assets;
    private readonly ApiServerFolder _folder;
    private readonly ServingCertificate _certificate;
    private readonly int _etcdPort = FreePort();
    private readonly int _etcdPeerPort = FreePort();
    private readonly int _port;
    private ChildProcess? _etcd;
    private ChildProcess? _apiServer;

    private RealApiServer(string assets, ApiServerOptions options)
    {
        if (options.SocketPath is not null)
            throw new NotSupportedException("A real kube-apiserver listens on TCP alone: relay the socket to it.");
        _assets = assets;
        _folder = new ApiServerFolder(options);
        _certificate = ServingCertificate.Create(TimeProvider.System.GetUtcNow());
        _port = options.Port == 0 ? FreePort() : options.Port;
        Url = new Uri($"https://127.0.0.1:{_port}/");
        WriteFiles(options);
    }

    public Uri Url { get; }

    public string CaCertificate => _certificate.CaPem;

    public bool IsReal => true;

    public string KubeconfigPath { get; private set; } = "";

    public static async Task<RealApiServer> StartAsync(string assets, ApiServerOptions options)
    {
        RealApiServer server = new(assets, options);
        try
        {
            server._etcd = ChildProcess.Start(server.Etcd());
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
        if (_apiServer is null) return;
        await _apiServer.StopAsync();
        await _apiServer.DisposeAsync();
        _apiServer = null;
    }

    public async Task ResumeAsync()
    {
        if (_apiServer is not null) return;
        _apiServer = ChildProcess.Start(KubeApiServer());
        using HttpClient client = new(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsOurs },
        });
        bool isReady = await Wait.UntilAsync(() => IsReadyAsync(client), StartBound, Pause, CancellationToken.None);
        if (!isReady) throw new ToolException($"kube-apiserver did not become ready; its log says: {LastLines()}");
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        if (_etcd is not null)
        {
            await _etcd.StopAsync();
            await _etcd.DisposeAsync();
        }
        _certificate.Dispose();
        _folder.Dispose();
    }

    private ChildProcessSpec Etcd()
    {
        string client = $"http://127.0.0.1:{_etcdPort}", peer = $"http://127.0.0.1:{_etcdPeerPort}";
        return new ChildProcessSpec
        {
            Name = "etcd",
            Program = Path.Combine(_assets, "etcd"),
            LogFile = InFolder("etcd.log"),
            Arguments =
            [
                $"--data-dir={InFolder("etcd")}", $"--listen-client-urls={client}", $"--advertise-client-urls={client}",
                $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}",
                $"--initial-cluster=default={peer}",
                "--unsafe-no-fsync", "--log-level=warn",
            ],
        };
    }

    private ChildProcessSpec KubeApiServer() => new()
    {
        Name = "kube-apiserver",
        Program = Path.Combine(_assets, "kube-apiserver"),
        LogFile = InFolder("kube-apiserver.log"),
        Arguments =
        [
            $"--etcd-servers=http://127.0.0.1:{_etcdPort}", "--bind-address=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--secure-port={_port}"), "--advertise-address=127.0.0.1",
            $"--tls-cert-file={InFolder("server.crt")}", $"--tls-private-key-file={InFolder("server.key")}",
            $"--cert-dir={InFolder("certs")}", $"--token-auth-file={InFolder("tokens.csv")}",
            $"--service-account-key-file={InFolder("service-account.key")}",
            $"--service-account-signing-key-file={InFolder("service-account.key")}",
            "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.0.0.0/24",
            "--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount", "--allow-privileged=true",
            "--endpoint-reconciler-type=none",
        ],
    };

    private void WriteFiles(ApiServerOptions options)
    {
        IEnumerable<string> tokens = options.AllUsers
            .Select(u => $"{_folder.Tokens[u.Key]},{u.Key},{u.Key},\"{string.Join(',', u.Value)}\"");
        WriteSecret("tokens.csv", string.Join('\n', tokens) + "\n");
        using RSA accounts = RSA.Create(2048);
        WriteSecret("service-account.key", accounts.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(InFolder("server.crt"), _certificate.Server.ExportCertificatePem());
        using ECDsa key = _certificate.Server.GetECDsaPrivateKey()!;
        WriteSecret("server.key", key.ExportPkcs8PrivateKeyPem());
    }

    private void WriteSecret(string name, string text)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using StreamWriter writer = new(InFolder(name), options);
        writer.Write(text);
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        if (_apiServer!.HasExited) throw new ToolException($"kube-apiserver ended; its log says: {LastLines()}");
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(Url, "/readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && certificate.GetCertHashString() == _certificate.Server.GetCertHashString();

    private string LastLines() =>
        File.Exists(InFolder("kube-apiserver.log"))
            ? string.Join('\n', File.ReadLines(InFolder("kube-apiserver.log")).TakeLast(5))
            : "";

    private string InFolder(string name) => Path.Combine(_folder.FolderPath, name);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
