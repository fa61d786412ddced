using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using VipOperator.Agent.Configuration;
using VipOperator.Api;

namespace VipOperator.Agent.Probes;

/// <summary>
/// A GET whose status decides, over a connection of its own each time, because that is what a new client meets. Only
/// the status line is read (RFC 9112 §4); redirects are not followed; certificates are not verified, as kubelet does.
/// </summary>
internal sealed class HttpProbe : ConnectionProbe
{
    /// <summary>"HTTP/1.1 200": all that is needed of the answer.</summary>
    private const int StatusLineBytes = 12;

    /// <summary>Read and thrown away, so that the service sees an end rather than a reset.</summary>
    private const int MostBytesDrained = 16 * 1024;

    private readonly HttpProbeSpec _spec;
    private readonly StatusRange _expected;
    private readonly string _serverName;
    private readonly byte[] _buffer = new byte[2048];
    private IPAddress? _requestFor;
    private byte[] _request = [];

    public HttpProbe(ProbeTargets targets, HttpProbeSpec spec)
        : base(targets, spec.Port)
    {
        _spec = spec;
        _serverName = ServerNameOf(spec);
        _expected = StatusRange.TryParse(spec.ExpectedStatus, out StatusRange expected)
            ? expected
            : StatusRange.Default;
    }

    public override string Description =>
        $"{(_spec.Scheme == ProbeScheme.HTTPS ? "https" : "http")} :{Port}{_spec.Path}";

    /// <summary>A request that leaves an idle keep-alive connection behind.</summary>
    protected override ReadOnlyMemory<byte> GreetingFor(IPEndPoint target) => Request("HEAD", target, "keep-alive");

    protected override async ValueTask<Stream> OpenAsync(Socket socket, CancellationToken cancellationToken)
    {
        Stream plain = await base.OpenAsync(socket, cancellationToken).ConfigureAwait(false);
        if (_spec.Scheme == ProbeScheme.HTTP)
            return plain;
        SslStream secured = new(plain);
        try
        {
#pragma warning disable CA5359 // A probe asks whether the service answers, not who it is; a self-signed certificate is no fault of it.
            SslClientAuthenticationOptions options = new()
            {
                TargetHost = _serverName,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            };
#pragma warning restore CA5359
            await secured.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    protected override async ValueTask<ProbeOutcome> ExchangeAsync(
        Socket socket, IPEndPoint target, CancellationToken cancellationToken)
    {
        byte[] request = RequestFor(target);
        if (_spec.Scheme == ProbeScheme.HTTPS)
            return await ExchangeSecurelyAsync(await OpenAsync(socket, cancellationToken).ConfigureAwait(false), target,
                request, cancellationToken).ConfigureAwait(false);

        await socket.SendAsync(request, cancellationToken).ConfigureAwait(false);
        int length = 0;
        while (length < StatusLineBytes)
        {
            int count = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                break;
            length += count;
        }

        ProbeOutcome outcome = Judge(length, target);
        for (int drained = 0; drained < MostBytesDrained && socket.Available > 0;)
            drained += socket.Receive(_buffer);
        return outcome;
    }

    private async Task<ProbeOutcome> ExchangeSecurelyAsync(
        Stream stream, IPEndPoint target, byte[] request, CancellationToken cancellationToken)
    {
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            int length = await stream.ReadAtLeastAsync(
                _buffer, StatusLineBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Judge(length, target);
        }
    }

    private ProbeOutcome Judge(int length, IPEndPoint target)
    {
        if (length == 0)
            return new ProbeOutcome(ProbeOutcomeKind.Broken, $"{target} closed the connection before it answered");
        ReadOnlySpan<byte> line = _buffer.AsSpan(0, Math.Min(length, StatusLineBytes));
        if (line.Length < StatusLineBytes || !line.StartsWith("HTTP/1."u8) || line[8] != ' '
            || !char.IsAsciiDigit((char)line[9]) || !char.IsAsciiDigit((char)line[10])
            || !char.IsAsciiDigit((char)line[11]))
            return new ProbeOutcome(ProbeOutcomeKind.Failure, $"{target} answers something else than HTTP/1");
        int status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        return _expected.Contains(status)
            ? ProbeOutcome.Success
            : new ProbeOutcome(
                ProbeOutcomeKind.Failure, $"{target} answers with status {status}; expected is {_expected}");
    }

    private byte[] RequestFor(IPEndPoint target)
    {
        if (target.Address.Equals(_requestFor))
            return _request;
        _request = Request("GET", target, "close");
        _requestFor = target.Address;
        return _request;
    }

    private byte[] Request(string method, IPEndPoint target, string connection)
    {
        StringBuilder request = new();
        request.Append(method).Append(' ').Append(_spec.Path).Append(" HTTP/1.1\r\n");
        Append(request, "Host", _spec.Host.Length > 0 ? _spec.Host : AddressIn(target));
        Append(request, "User-Agent", "vip-agent");
        Append(request, "Accept", "*/*");
        foreach (HttpHeader header in _spec.HttpHeaders ?? [])
            request.Append(header.Name).Append(": ").Append(header.Value).Append("\r\n");
        request.Append("Connection: ").Append(connection).Append("\r\n\r\n");
        return Encoding.ASCII.GetBytes(request.ToString());
    }

    // What the spec's own header fields say goes before what would be sent without them.
    private void Append(StringBuilder request, string name, string value)
    {
        if (Given(_spec, name) is null)
            request.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    private static string? Given(HttpProbeSpec spec, string name) =>
        spec.HttpHeaders?.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    private string AddressIn(IPEndPoint target)
    {
        bool usualPort = target.Port == (_spec.Scheme == ProbeScheme.HTTPS ? 443 : 80);
        string address = target.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{target.Address}]"
            : target.Address.ToString();
        return usualPort ? address : string.Create(CultureInfo.InvariantCulture, $"{address}:{target.Port}");
    }

    // For SNI (RFC 6066 §3): the host that is asked for, without its port; an address is no server name.
    private static string ServerNameOf(HttpProbeSpec spec)
    {
        string host = Given(spec, "Host") ?? spec.Host;
        int colon = host.LastIndexOf(':');
        string name = colon > 0 && !host.EndsWith(']') ? host[..colon] : host;
        return IPAddress.TryParse(name.Trim('[', ']'), out _) ? "" : name;
    }
}
