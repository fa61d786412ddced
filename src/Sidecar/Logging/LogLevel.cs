namespace VipOperator.Sidecar.Logging;

/// <summary>With the names that the agent's log has.</summary>
internal enum LogLevel
{
    Debug,
    Information,
    Warning,
    Error,
}
