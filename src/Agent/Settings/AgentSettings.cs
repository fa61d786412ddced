using System.Net;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Settings;

/// <summary>What the command line and the environment say; <see cref="SettingTable"/> documents each.</summary>
internal sealed record AgentSettings
{
    public const string SocketName = "agent.sock";

    /// <summary>In bytes: sun_path (unix(7)) has 108, and the last of them is 0.</summary>
    public const int LongestSocketPath = 107;

    /// <summary>The configuration file; null: Kubernetes.</summary>
    public string? ConfigurationFile { get; set; }

    /// <summary>null: no listener.</summary>
    public IPEndPoint? MetricsAddress { get; set; } = new(IPAddress.Loopback, 9441);

    /// <summary>Whether <c>/metrics</c> has the names of keepalived_exporter as well.</summary>
    public bool KeepalivedMetrics { get; set; }

    public string StateDirectory { get; set; } = "/run/vip-sidecar";

    public string SecretsDirectory { get; set; } = "/etc/vip-sidecar/secrets";

    public string ServiceAccountDirectory { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>null: from KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.</summary>
    public Uri? KubernetesServer { get; set; }

    public string PodName { get; set; } = "";

    /// <summary>Empty: from the service account.</summary>
    public string PodNamespace { get; set; } = "";

    public string PodUid { get; set; } = "";

    public string NodeName { get; set; } = "";

    /// <summary>Where probes go; null: the address that the routers advertise from, then loopback.</summary>
    public IPAddress? ProbeAddress { get; set; }

    public AddressLifetime AddressLifetime { get; set; } = AddressLifetime.Auto;

    /// <summary>Whether sent v3 IPv4 checksums cover a pseudo-header.</summary>
    public bool PseudoHeaderChecksum { get; set; } = true;

    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    public LogFormat LogFormat { get; set; } = LogFormat.Json;

    /// <summary><c>handover</c>: how long to wait for a peer.</summary>
    public TimeSpan HandoverTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><c>capture</c>: how long.</summary>
    public TimeSpan CaptureDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary><c>status</c> and <c>capture</c>: JSON instead of text.</summary>
    public bool OutputJson { get; set; }

    /// <summary><c>status</c>: ask this listener instead of the socket in the state directory.</summary>
    public IPEndPoint? StatusAddress { get; set; }

    /// <summary>
    /// The socket on which the agent answers <c>status</c>, <c>handover</c> and <c>capture</c>; only its own user may
    /// connect.
    /// </summary>
    public string SocketPath => Path.Combine(StateDirectory, SocketName);
}
