namespace VipOperator.Lab.Processes;

/// <summary>What a <see cref="ChildProcess"/> is to run.</summary>
internal sealed record ChildProcessSpec
{
    /// <summary>For a person.</summary>
    public required string Name { get; init; }

    /// <summary>An absolute path, or a name on the search path.</summary>
    public required string Program { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The network namespace; null: the machine's own.</summary>
    public string? Namespace { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Both output streams are appended to it; null: they are read by the lab.</summary>
    public string? LogFile { get; init; }

    /// <summary>Without a log file: where the error stream goes; null: where ours does.</summary>
    public string? ErrorFile { get; init; }

    /// <summary>
    /// The only capabilities it gets ("net_admin"), as a container's securityContext says; null: all of root's.
    /// </summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    public string? WorkingDirectory { get; init; }

    /// <summary>−20 to 19.</summary>
    public int Niceness { get; init; }
}
