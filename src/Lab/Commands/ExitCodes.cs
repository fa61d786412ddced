namespace VipOperator.Lab.Commands;

/// <summary>What <c>vip-lab</c> ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>An expectation was not met, or something needed is missing or broken.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>As shells have it for SIGINT.</summary>
    public const int Interrupted = 130;
}
