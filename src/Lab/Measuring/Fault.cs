namespace VipOperator.Lab.Measuring;

/// <summary>What is done to the node that holds the address.</summary>
internal enum Fault
{
    /// <summary>All processes of nginx are killed; the sidecar lives.</summary>
    NginxKilled,

    /// <summary>The sidecar gets SIGTERM.</summary>
    SidecarStopped,

    /// <summary>Both halves of the sidecar get SIGKILL; nginx lives.</summary>
    SidecarKilled,

    /// <summary>The node's link loses its carrier.</summary>
    LinkLost,
}
