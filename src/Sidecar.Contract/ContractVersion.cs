namespace VipOperator.Sidecar.Contract;

/// <summary>
/// The contract between the two halves of the sidecar: <c>vip-sidecar</c> (privileged, elects) and <c>vip-agent</c>
/// (unprivileged, knows Kubernetes, files and probes). A stream socket that the sidecar hands to the agent as an open
/// descriptor carries frames in both directions; both halves come from one image, so there is one version, no
/// negotiation: a half that reads another version says so and closes.
/// </summary>
public static class ContractVersion
{
    public const ushort Current = 6;

    /// <summary>The environment variable that tells the agent the number of its end of the socket.</summary>
    public const string DescriptorVariable = "VIP_SIDECAR_FD";

    /// <summary>
    /// The agent's exit code for a wrong command line or configuration file. The sidecar ends with the same code if
    /// the agent never sent a configuration; later, it goes on with the last one.
    /// </summary>
    public const int ExitCodeUsage = 2;
}
