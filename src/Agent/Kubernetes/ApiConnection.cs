using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Agent.Kubernetes;

/// <summary>
/// HTTP to the API server with the pod's service account. The token and the certificate authority rotate: the token is
/// read for each request, of which there are few, and a changed authority is loaded when the next connection is made.
/// </summary>
internal sealed class ApiConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    // A peer that is gone without a word is noticed after about ten seconds, by the kernel and without waking the
    // agent.
    private const int KeepAliveTimeSeconds = 5;
    private const int KeepAliveIntervalSeconds = 2;
    private const int KeepAliveRetries = 3;

    /// <summary>TCP_USER_TIMEOUT (linux/tcp.h): milliseconds that sent data may stay unacknowledged.</summary>
    private const int TcpUserTimeoutOption = 18;

    private const int UserTimeoutMilliseconds = 10_000;

    private readonly string _tokenPath;
    private readonly string _authorityPath;
    private readonly HttpClient _client;
    private X509Certificate2Collection _authority = [];
    private DateTime _authorityWritten;

    public ApiConnection(Uri server, string serviceAccountDirectory)
    {
        Server = server;
        _tokenPath = Path.Combine(serviceAccountDirectory, "token");
        _authorityPath = Path.Combine(serviceAccountDirectory, "ca.crt");
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = 4,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (server.Scheme == Uri.UriSchemeHttps)
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Validate };
        _client = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Server { get; }

    /// <summary>As Kubernetes tells every pod; null outside of one.</summary>
    public static Uri? ServerFromEnvironment(Func<string, string?> environment)
    {
        string? host = environment("KUBERNETES_SERVICE_HOST");
        if (string.IsNullOrEmpty(host) || !ushort.TryParse(
            environment("KUBERNETES_SERVICE_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return null;
        string bracketed = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{bracketed}:{port}"));
    }

    /// <param name="path">Relative to the server, with the query.</param>
    /// <returns>The answer as soon as its head is there.</returns>
    /// <exception cref="HttpRequestException">No connection, or a token that cannot be sent.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative)) { Content = body };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("vip-agent", "0"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (ReadToken() is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTimeSeconds);
            socket.SetSocketOption(
                SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
            socket.SetRawSocketOption(
                (int)SocketOptionLevel.Tcp, TcpUserTimeoutOption, BitConverter.GetBytes(UserTimeoutMilliseconds));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string? ReadToken()
    {
        string token;
        try
        {
            token = File.ReadAllText(_tokenPath).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a token the API server refuses in words that are clearer than ours would be.
            return null;
        }

        // A header can carry nothing else, and no token has anything else (RFC 6750 §2.1).
        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new HttpRequestException(
                HttpRequestError.UserAuthenticationError,
                $"{_tokenPath} holds no token: a line end, a space or another character is in it that no token has");
        return token.Length > 0 ? token : null;
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors
            || certificate is not X509Certificate2 leaf || !TryLoadAuthority())
            return false;
        using X509Chain own = new();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        for (int i = 1; i < (chain?.ChainElements.Count ?? 0); i++)
            own.ChainPolicy.ExtraStore.Add(chain!.ChainElements[i].Certificate);
        return own.Build(leaf);
    }

    private bool TryLoadAuthority()
    {
        try
        {
            DateTime written = File.GetLastWriteTimeUtc(_authorityPath);
            if (written != _authorityWritten)
            {
                X509Certificate2Collection loaded = [];
                loaded.ImportFromPemFile(_authorityPath);
                _authority = loaded;
                _authorityWritten = written;
            }

            return _authority.Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
