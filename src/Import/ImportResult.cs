namespace VipOperator.Import;

/// <summary>A document to apply.</summary>
/// <param name="FileName">Where it goes when each gets a file of its own.</param>
/// <param name="Text">YAML.</param>
/// <param name="IsSecret">It holds a password or key.</param>
public sealed record Manifest(string FileName, string Text, bool IsSecret);

/// <summary>What came of an import.</summary>
public sealed record ImportResult
{
    /// <summary>Why nothing was imported, "FILE:LINE: …" each; empty: something was.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Secrets before what needs them.</summary>
    public IReadOnlyList<Manifest> Manifests { get; init; } = [];

    /// <summary>One for each line that says something, in the order of the files.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The report, for a person.</summary>
    public string Report { get; init; } = "";

    /// <summary>Something waits for a person's word.</summary>
    public bool NeedsDecision { get; init; }
}
