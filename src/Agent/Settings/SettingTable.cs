using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Settings;

/// <summary>One setting: how it is written and what it does.</summary>
/// <param name="Flag">With its dashes.</param>
/// <param name="ValueName">For the help.</param>
/// <param name="Variable">The environment variable of the same meaning; null where there is none. A flag wins.</param>
/// <param name="Help">What it does and its default.</param>
/// <param name="Apply">Takes the value into the settings.</param>
/// <returns>From <paramref name="Apply"/>: null, or what is allowed.</returns>
internal sealed record Setting(
    string Flag, string ValueName, string? Variable, string Help, Func<AgentSettings, string, string?> Apply);

/// <summary>All settings of the agent, in the order of the help.</summary>
internal static class SettingTable
{
    public static readonly ImmutableArray<Setting> Run =
    [
        new("--config", "FILE", "VIP_AGENT_CONFIG",
            "VirtualIPMember documents to run, in YAML; without it they come from Kubernetes.",
            (s, v) => NotEmpty(v, value => s.ConfigurationFile = value)),
        new("--metrics-address", "ADDRESS:PORT|none", "VIP_AGENT_METRICS_ADDRESS",
            "Where /metrics, /healthz, /readyz and /state are served; default 127.0.0.1:9441.",
            SetMetricsAddress),
        new("--keepalived-metrics", "true|false", "VIP_AGENT_KEEPALIVED_METRICS",
            "Serve what keepalived_exporter has names for under those too; default false.",
            SetKeepalivedMetrics),
        new("--state-directory", "DIRECTORY", "VIP_AGENT_STATE_DIRECTORY",
            "For the last configuration and the socket of 'status', 'handover' and 'capture', of this sidecar alone; "
            + "default /run/vip-sidecar.",
            SetStateDirectory),
        new("--secrets-directory", "DIRECTORY", "VIP_AGENT_SECRETS_DIRECTORY",
            "Where Secrets are mounted, a folder for each, a file for each key; default /etc/vip-sidecar/secrets.",
            (s, v) => NotEmpty(v, value => s.SecretsDirectory = value)),
        new("--service-account-directory", "DIRECTORY", "VIP_AGENT_SERVICE_ACCOUNT_DIRECTORY",
            "Holds token, ca.crt and namespace; default /var/run/secrets/kubernetes.io/serviceaccount.",
            (s, v) => NotEmpty(v, value => s.ServiceAccountDirectory = value)),
        new("--kubernetes-server", "URL", "VIP_AGENT_KUBERNETES_SERVER",
            "The API server; default https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT.",
            SetKubernetesServer),
        new("--pod-name", "NAME", "POD_NAME", "The pod's name, from the downward API.",
            (s, v) => Set(() => s.PodName = v)),
        new("--pod-namespace", "NAMESPACE", "POD_NAMESPACE",
            "The pod's namespace; default: the service account's.", (s, v) => Set(() => s.PodNamespace = v)),
        new("--pod-uid", "UID", "POD_UID",
            "The pod's uid, by which its members are found; required with Kubernetes.",
            (s, v) => Set(() => s.PodUid = v)),
        new("--node-name", "NAME", "NODE_NAME", "The node's name, from the downward API.",
            (s, v) => Set(() => s.NodeName = v)),
        new("--probe-address", "ADDRESS", "VIP_AGENT_PROBE_ADDRESS",
            "The address that probes connect to; default: the one that the router advertises from, then "
            + "127.0.0.1 and ::1.",
            SetProbeAddress),
        new("--address-lifetime", "auto|forever|SECONDS", "VIP_AGENT_ADDRESS_LIFETIME",
            "How long the kernel keeps an address when the sidecar stops renewing it; default auto: as long as a peer "
            + "waits, about three intervals.",
            SetAddressLifetime),
        new("--v3-ipv4-checksum", "pseudo-header|message", "VIP_AGENT_V3_IPV4_CHECKSUM",
            "What the sent checksum covers; keepalived and FRR expect the default, pseudo-header.",
            SetChecksum),
        new(SidecarSetting.LogLevel.Flag, SidecarSetting.LogLevel.ValueName!, SidecarSetting.LogLevel.Variable,
            SidecarSetting.LogLevel.Help, SetLogLevel),
        new(SidecarSetting.LogFormat.Flag, SidecarSetting.LogFormat.ValueName!, SidecarSetting.LogFormat.Variable,
            SidecarSetting.LogFormat.Help, SetLogFormat),
    ];

    public static readonly ImmutableArray<Setting> Status =
    [
        new("--output", "table|json", null, "Also -o; default table.", SetOutput),
        new("--address", "ADDRESS:PORT", null,
            "Ask the agent that serves /state there; default: the socket in the state directory.", SetStatusAddress),
        Run.Single(s => s.Flag == "--state-directory"),
    ];

    public static readonly ImmutableArray<Setting> Handover =
    [
        new("--timeout", "DURATION", null,
            "How long to wait for a peer, such as 5s; default 5s, at most 5m.", SetTimeout),
        Run.Single(s => s.Flag == "--state-directory"),
    ];

    public static readonly ImmutableArray<Setting> Capture =
    [
        new("--duration", "DURATION", null, "How long, such as 30s; default 10s, at most 1h.", SetCaptureDuration),
        new("--output", "table|json", null,
            "Also -o; default table, a line for each advertisement; json: a document in each line.", SetOutput),
        Run.Single(s => s.Flag == "--state-directory"),
    ];

    /// <summary>The help of all commands.</summary>
    public static string Help()
    {
        StringBuilder text = new();
        text.Append(
            """
            Usage: vip-sidecar [SETTING…]                     run; vip-sidecar starts this program, vip-agent, itself
                   vip-sidecar status [-o table|json]         show the routers of the sidecar that runs here
                   vip-sidecar handover [--timeout 5s]        let peers have the addresses, and wait until they do
                   vip-sidecar capture [--duration 10s]       show advertisements as they are sent and heard
                   vip-sidecar --help | --version

            Settings (flag, environment variable; a flag wins):

            """);
        foreach (Setting setting in Run)
            Append(text, setting.Flag, setting.ValueName, setting.Variable, setting.Help);
        foreach (SidecarSetting setting in SidecarSetting.All)
            Append(text, setting.Flag, setting.ValueName, setting.Variable, setting.Help);
        text.Append("\nOf 'status':\n");
        foreach (Setting setting in Status)
            Append(text, setting.Flag, setting.ValueName, setting.Variable, setting.Help);
        text.Append("\nOf 'handover':\n");
        foreach (Setting setting in Handover)
            Append(text, setting.Flag, setting.ValueName, setting.Variable, setting.Help);
        text.Append("\nOf 'capture':\n");
        foreach (Setting setting in Capture)
            Append(text, setting.Flag, setting.ValueName, setting.Variable, setting.Help);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string flag, string? valueName, string? variable, string help) =>
        text.Append("  ").Append(flag).Append(valueName is null ? "" : " " + valueName)
            .Append(variable is null ? "" : "  (" + variable + ")").Append("\n      ").Append(help).Append('\n');

    private static string? Set(Action set)
    {
        set();
        return null;
    }

    private static string? NotEmpty(string value, Action<string> set)
    {
        if (value.Length == 0)
            return "a path";
        set(value);
        return null;
    }

    private static string? SetStateDirectory(AgentSettings settings, string value)
    {
        int longest = AgentSettings.LongestSocketPath - AgentSettings.SocketName.Length - 1;
        return Encoding.UTF8.GetByteCount(value) <= longest
            ? NotEmpty(value, v => settings.StateDirectory = v)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"a path of at most {longest} bytes, because no socket's may have more than "
                + $"{AgentSettings.LongestSocketPath}");
    }

    private static string? SetMetricsAddress(AgentSettings settings, string value)
    {
        if (value == "none")
            return Set(() => settings.MetricsAddress = null);
        return TryParseEndPoint(value, out IPEndPoint? address)
            ? Set(() => settings.MetricsAddress = address)
            : "ADDRESS:PORT such as 127.0.0.1:9441 or [::]:9441, or none";
    }

    private static string? SetKeepalivedMetrics(AgentSettings settings, string value) =>
        bool.TryParse(value, out bool wanted) ? Set(() => settings.KeepalivedMetrics = wanted) : "true or false";

    private static string? SetStatusAddress(AgentSettings settings, string value) =>
        TryParseEndPoint(value, out IPEndPoint? address)
            ? Set(() => settings.StatusAddress = address)
            : "ADDRESS:PORT such as 127.0.0.1:9441 or [::1]:9441";

    // IPEndPoint.TryParse takes an address without a port, and a lone number as an address.
    private static bool TryParseEndPoint(string value, out IPEndPoint? endPoint)
    {
        endPoint = null;
        int colon = value.LastIndexOf(':');
        bool bracketed = value.StartsWith('[') && colon > 0 && value[colon - 1] == ']';
        return colon > 0
            && (bracketed || value.Count(c => c == ':') == 1 && value.Count(c => c == '.') == 3)
            && ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(value, out endPoint);
    }

    private static string? SetKubernetesServer(AgentSettings settings, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https"
            ? Set(() => settings.KubernetesServer = server)
            : "a URL with http or https";

    private static string? SetProbeAddress(AgentSettings settings, string value) =>
        IPAddress.TryParse(value, out IPAddress? address)
            ? Set(() => settings.ProbeAddress = address)
            : "an IPv4 or IPv6 address";

    private static string? SetAddressLifetime(AgentSettings settings, string value)
    {
        AddressLifetime? lifetime = value switch
        {
            "auto" => AddressLifetime.Auto,
            "forever" => AddressLifetime.Forever,
            _ when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
                && seconds is >= 1 and <= AddressLifetime.LongestSeconds =>
                    new AddressLifetime(TimeSpan.FromSeconds(seconds)),
            _ => null,
        };
        return lifetime is null
            ? $"auto, forever, or whole seconds, 1 to {AddressLifetime.LongestSeconds}"
            : Set(() => settings.AddressLifetime = lifetime.Value);
    }

    private static string? SetChecksum(AgentSettings settings, string value) => value switch
    {
        "pseudo-header" => Set(() => settings.PseudoHeaderChecksum = true),
        "message" => Set(() => settings.PseudoHeaderChecksum = false),
        _ => "pseudo-header or message",
    };

    private static string? SetLogLevel(AgentSettings settings, string value)
    {
        LogLevel? level = value switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "information" or "info" => LogLevel.Information,
            "warning" or "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => null,
        };
        return level is null
            ? "trace, debug, information, warning or error"
            : Set(() => settings.LogLevel = level.Value);
    }

    private static string? SetLogFormat(AgentSettings settings, string value) => value switch
    {
        "json" => Set(() => settings.LogFormat = LogFormat.Json),
        "text" => Set(() => settings.LogFormat = LogFormat.Text),
        _ => "json or text",
    };

    private static string? SetOutput(AgentSettings settings, string value) => value switch
    {
        "json" => Set(() => settings.OutputJson = true),
        "table" => Set(() => settings.OutputJson = false),
        _ => "table or json",
    };

    private static string? SetCaptureDuration(AgentSettings settings, string value) =>
        GatewayDuration.TryParse(value, out GatewayDuration duration) && duration.Value <= TimeSpan.FromHours(1)
            ? Set(() => settings.CaptureDuration = duration.Value)
            : "a duration up to 1h, such as 30s or 1m";

    private static string? SetTimeout(AgentSettings settings, string value) =>
        GatewayDuration.TryParse(value, out GatewayDuration timeout) && timeout.Value <= TimeSpan.FromMinutes(5)
            ? Set(() => settings.HandoverTimeout = timeout.Value)
            : "a duration up to 5m, such as 5s or 500ms";
}
