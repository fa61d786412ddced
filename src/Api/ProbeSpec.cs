using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>
/// How the service next to a sidecar is checked (<c>spec.probe</c>): exactly one of http, tcp and process.
/// </summary>
public sealed record ProbeSpec
{
    public HttpProbeSpec? Http { get; init; }

    public TcpProbeSpec? Tcp { get; init; }

    public ProcessProbeSpec? Process { get; init; }

    /// <summary>100ms–1h, default 1s.</summary>
    public GatewayDuration Interval { get; set; } = GatewayDuration.FromSeconds(1);

    /// <summary>10ms–1m, default 1s.</summary>
    public GatewayDuration Timeout { get; set; } = GatewayDuration.FromSeconds(1);

    /// <summary>Failures in a row that make a passing service failing; 1–100, default 3.</summary>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>Successes in a row that make a failing service passing; 1–100, default 2.</summary>
    public int SuccessThreshold { get; set; } = 2;

    /// <summary>
    /// The time that a crashed service gets to come back before it counts as failing; 0s–1h, default 0s.
    /// </summary>
    public GatewayDuration RestartGrace { get; set; } = GatewayDuration.Zero;

    public ProbeFailureAction OnFailure { get; set; } = ProbeFailureAction.Release;

    public const int DefaultWeight = 50;

    /// <summary>
    /// Subtracted from the priority while the probe fails; 1–253; with Demote only, default
    /// <see cref="DefaultWeight"/>.
    /// </summary>
    public int? Weight { get; init; }
}

/// <summary>An HTTP GET against the node itself.</summary>
public sealed record HttpProbeSpec
{
    public int Port { get; set; } = 80;

    public string Path { get; set; } = "/";

    /// <summary>The Host header; empty: the address asked.</summary>
    public string Host { get; set; } = "";

    /// <summary>Header fields to send, at most 16; a Host here goes before <see cref="Host"/>.</summary>
    public IReadOnlyList<HttpHeader>? HttpHeaders { get; init; }

    /// <summary>A status or a range, "200" or "200-399"; default 200-399.</summary>
    public string ExpectedStatus { get; set; } = "200-399";

    /// <summary>HTTP or HTTPS; the certificate is not verified, as kubelet does.</summary>
    public ProbeScheme Scheme { get; set; } = ProbeScheme.HTTP;
}

/// <summary>A header field of a request (RFC 9110 §5).</summary>
public sealed record HttpHeader
{
    public required string Name { get; init; }

    public required string Value { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ProbeScheme>))]
public enum ProbeScheme
{
    HTTP,
    HTTPS,
}

/// <summary>A TCP connection to the node itself.</summary>
public sealed record TcpProbeSpec
{
    public required int Port { get; init; }
}

/// <summary>A process of that name; needs a shared process namespace.</summary>
public sealed record ProcessProbeSpec
{
    /// <summary>As in /proc/PID/comm: at most 15 characters.</summary>
    public required string Name { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ProbeFailureAction>))]
public enum ProbeFailureAction
{
    Release,
    Demote,
}
