namespace VipOperator.Kubectl;

/// <summary>What the plugin ends with, beside what kubectl itself ended with where that failed.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>What was waited for did not come about, or part of what was asked failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line, or a name on it, is wrong; what is allowed was said.</summary>
    public const int Usage = 2;

    /// <summary>As shells have it for an end by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
