using VipOperator.Sidecar.Contract;

namespace VipOperator.Sidecar;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The system refuses what we need: a capability, a socket, the agent.</summary>
    public const int Failure = 1;

    /// <summary>A wrong command line or configuration.</summary>
    public const int Usage = ContractVersion.ExitCodeUsage;
}
