using VipOperator.Vrrp;

namespace VipOperator.Planning;

public enum PodPhase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}

/// <summary>A pod, as far as it matters here.</summary>
public sealed record PodObject
{
    public required ObjectKey Key { get; init; }

    public required string Uid { get; init; }

    public required LabelSet Labels { get; init; }

    /// <summary>creationTimestamp in s since the Unix epoch.</summary>
    public long CreatedUnixS { get; init; }

    public PodPhase Phase { get; init; } = PodPhase.Running;

    /// <summary>Its deletion has begun.</summary>
    public bool Terminating { get; init; }

    public bool HostNetwork { get; init; } = true;

    /// <summary>It has a container, or a restartable init container, with the sidecar's name.</summary>
    public bool HasSidecar { get; init; } = true;

    /// <summary>Its sidecar's container is there and does not run: what it reported last is over.</summary>
    public bool SidecarDown { get; init; }

    public ValueList<Toleration> Tolerations { get; init; } = [];

    /// <summary>null until it is scheduled.</summary>
    public string? NodeName { get; init; }

    /// <summary>status.hostIPs.</summary>
    public ValueList<IpAddress> HostAddresses { get; init; } = [];

    /// <summary>
    /// It has ended, or runs where a virtual IP is of no use: it never takes part, and a member of it has no ground.
    /// </summary>
    public bool IsOut => Phase is PodPhase.Succeeded or PodPhase.Failed || !HostNetwork || !HasSidecar;
}
