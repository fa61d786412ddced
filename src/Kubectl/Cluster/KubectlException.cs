namespace VipOperator.Kubectl.Cluster;

/// <summary>kubectl, or the plugin for a name that is not there, ended without what was asked for.</summary>
/// <param name="message">For the person: kubectl's own words where it had any.</param>
/// <param name="exitCode">What the plugin is to end with.</param>
internal sealed class KubectlException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Whether the API server answered that there is no such object.</summary>
    public bool IsNotFound => Message.Contains("(NotFound)", StringComparison.Ordinal);
}
