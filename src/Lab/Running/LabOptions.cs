namespace VipOperator.Lab.Running;

/// <summary>How a lab is to be.</summary>
internal sealed record LabOptions
{
    public required string Name { get; init; }

    /// <summary>The folder of vip-operator, vip-sidecar and vip-agent.</summary>
    public required string Programs { get; init; }

    /// <summary>The processes' logs are copied there at the end; null: they go with the lab.</summary>
    public string? KeepLogs { get; init; }

    /// <summary>How long a container that ended stays down; infinite: until somebody starts it.</summary>
    public required TimeSpan RestartDelay { get; init; }
}
