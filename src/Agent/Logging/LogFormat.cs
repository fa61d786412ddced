namespace VipOperator.Agent.Logging;

internal enum LogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>For a terminal.</summary>
    Text,
}
