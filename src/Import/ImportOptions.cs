namespace VipOperator.Import;

/// <summary>Which part of a migration the manifests are for.</summary>
public enum ImportStep
{
    /// <summary>keepalived is gone.</summary>
    Final,

    /// <summary>keepalived runs and keeps the addresses: our members rank behind it.</summary>
    Join,

    /// <summary>keepalived runs and hands the addresses over: our members rank before it.</summary>
    TakeOver,
}

/// <summary>What a person says about the manifests that no keepalived.conf does.</summary>
public sealed record ImportOptions
{
    /// <summary>null: the manifests name none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which pods take part.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = "nginx" };

    /// <summary>Names of VirtualIPs by the name of an instance or a sync group.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where nginx listens: checks that only look for its process become a connection to this port.</summary>
    public int CheckPort { get; init; } = 80;

    public ImportStep Step { get; init; } = ImportStep.Final;
}
