namespace VipOperator.Sidecar.Logging;

/// <summary>How much a line matters.</summary>
internal enum LogLevel
{
    Debug,
    Information,
    Warning,
    Error,
}
