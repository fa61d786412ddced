using System.Net;

namespace VipOperator.Operator.Configuration;

/// <summary>Everything that can be set; <see cref="OperatorCommand"/> says how.</summary>
internal sealed record OperatorSettings
{
    /// <summary>null: $KUBECONFIG, else the service account of the pod, else ~/.kube/config.</summary>
    public string? KubeConfig { get; init; }

    /// <summary>The namespace to work in; null: all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Where /metrics, /healthz and /readyz are served. Port 0: one that is free.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, 8080);

    public bool LeaderElection { get; init; } = true;

    public string LeaseNamespace { get; init; } = "default";

    public string LeaseName { get; init; } = "vip-operator";

    /// <summary>How long others wait for a leader that is silent before they take its place; 3 s or more.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long changes are gathered before a plan is made.</summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How often a plan is made although nothing seems to have changed.</summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Writes that are under way at a time.</summary>
    public int ConcurrentWrites { get; init; } = 8;

    /// <summary>A file of notification settings; null: nobody is notified.</summary>
    public string? NotificationsFile { get; init; }

    /// <summary>The sidecar that the webhook puts into labelled pods, as JSON; null: there is no webhook.</summary>
    public string? InjectionFile { get; init; }

    /// <summary>Where the webhook is served. Port 0: one that is free.</summary>
    public IPEndPoint InjectionListen { get; init; } = new(IPAddress.Any, 9443);

    /// <summary>
    /// The name of the webhook's Service and Secret, in the lease's namespace, and of its MutatingWebhookConfiguration.
    /// </summary>
    public string InjectionName { get; init; } = "vip-operator-injection";

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;
}

internal enum LogFormat
{
    Text,
    Json,
}
