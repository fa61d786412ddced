using System.Collections.Immutable;

namespace VipOperator.Sidecar.Contract;

/// <summary>
/// A setting of <c>vip-sidecar</c> alone. The sidecar hands its whole command line on to the agent, which skips these,
/// understands the rest and refuses what neither half knows; so one command line configures both halves.
/// </summary>
/// <param name="Flag">With its dashes: "--agent-path".</param>
/// <param name="ValueName">What follows the flag, for the help; null for a flag without a value.</param>
/// <param name="Variable">The environment variable that sets the same; a flag wins.</param>
/// <param name="Help">What it does, its default and what is allowed.</param>
public sealed record SidecarSetting(string Flag, string? ValueName, string Variable, string Help)
{
    public static readonly SidecarSetting AgentPath = new(
        "--agent-path", "FILE", "VIP_SIDECAR_AGENT_PATH", "The vip-agent to start; default: beside vip-sidecar.");

    public static readonly SidecarSetting RealtimePriority = new(
        "--realtime-priority", "N", "VIP_SIDECAR_REALTIME_PRIORITY",
        "SCHED_FIFO priority of the event loop, 0-99, 0 for none; default 50, as far as the system grants it.");

    public static readonly SidecarSetting NoLockMemory = new(
        "--no-lock-memory", null, "VIP_SIDECAR_NO_LOCK_MEMORY", "Leave the sidecar's memory swappable.");

    public static readonly SidecarSetting NoSweep = new(
        "--no-sweep", null, "VIP_SIDECAR_NO_SWEEP",
        "Leave addresses that an earlier sidecar left behind where they are.");

    public static readonly SidecarSetting LifelinePort = new(
        "--lifeline-port", "N", "VIP_SIDECAR_LIFELINE_PORT",
        "The first of four TCP ports on which peers notice our end at once, the same on all nodes, 1-65532, 0 for "
        + "none; default 15112.");

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly ImmutableArray<SidecarSetting> All =
        [AgentPath, RealtimePriority, NoLockMemory, NoSweep, LifelinePort];

    public static readonly SidecarSetting LogLevel = new(
        "--log-level", "LEVEL", "VIP_AGENT_LOG_LEVEL",
        "trace, debug, information, warning or error; default information.");

    public static readonly SidecarSetting LogFormat = new(
        "--log-format", "json|text", "VIP_AGENT_LOG_FORMAT", "Default json.");

    /// <summary>
    /// What both halves go by, as they write one log. The agent is the one that refuses a wrong value.
    /// </summary>
    public static readonly ImmutableArray<SidecarSetting> Shared = [LogLevel, LogFormat];
}
