namespace VipOperator.Bench.Failover.Outages;

/// <summary>Which events another one needs.</summary>
internal static class OutageKinds
{
    /// <summary>What comes back must have gone before.</summary>
    public static bool NeedsTheOneBefore(this OutageKind kind) =>
        kind is OutageKind.Failback or OutageKind.NodeBack or OutageKind.BackupBack;

    /// <summary>Those, and what they and the ones after them need: what has gone must come back.</summary>
    public static IReadOnlyList<OutageKind> Complete(IReadOnlyList<OutageKind> chosen) =>
    [
        .. Enum.GetValues<OutageKind>().Where(k =>
            chosen.Contains(k) || (k.NeedsTheOneBefore() && chosen.Contains(k - 1))
            || ((k + 1).NeedsTheOneBefore() && chosen.Contains(k + 1))),
    ];
}

/// <summary>What happens. The first node is preferred and Active before; in the order in which they are made.</summary>
internal enum OutageKind
{
    /// <summary>The speaker of the Active gets SIGTERM.</summary>
    Stopped,

    /// <summary>It is started again, and takes the address back.</summary>
    Failback,

    /// <summary>All processes of the Active's speaker get SIGKILL at once.</summary>
    Killed,

    /// <summary>All processes of the Active's speaker get SIGSTOP, and 5 s later SIGCONT.</summary>
    Hung,

    /// <summary>All processes of the Active's nginx get SIGKILL.</summary>
    NginxKilled,

    /// <summary>All processes of the Active's nginx get SIGSTOP.</summary>
    NginxHung,

    /// <summary>The link of the Active loses its carrier.</summary>
    LinkLost,

    /// <summary>Nothing gets from or to the Active any more, and nobody is told; the client is with the
    /// Backup.</summary>
    NodeLost,

    /// <summary>The node that was lost is back: two Actives meet.</summary>
    NodeBack,

    /// <summary>The same with the Backup: a partition in which the client is with the Active.</summary>
    BackupCutOff,

    /// <summary>That partition heals.</summary>
    BackupBack,
}
