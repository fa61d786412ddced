namespace VipOperator.Bench.Scale;

/// <summary>One run's figures. Times are wall-clock seconds unless a name says otherwise.</summary>
internal sealed record ScaleFigures
{
    public required int VirtualIPs { get; init; }

    /// <summary>From the start of the process until the last VirtualIP was Assigned and had its members.</summary>
    public required double ColdStartS { get; init; }

    /// <summary>Processor time of the operator for the same.</summary>
    public required double ColdStartCpuS { get; init; }

    /// <summary>
    /// Share of that time in which something on this machine waited for a CPU, in %; 0 also when the kernel does not
    /// tell.
    /// </summary>
    public required double ColdStartPressurePercent { get; init; }

    /// <summary>Writes per object that had to be written: members and statuses.</summary>
    public required double ColdWritesPerObject { get; init; }

    /// <summary>From the first sidecar's report until all VirtualIPs were Ready.</summary>
    public required double ReportsS { get; init; }

    /// <summary>Writes of statuses per VirtualIP for these three reports each.</summary>
    public required double ReportWritesPerVirtualIP { get; init; }

    /// <summary>MiB, at the end of the quiet time.</summary>
    public required double ResidentMiB { get; init; }

    /// <summary>MiB, at the most during the whole run.</summary>
    public required double PeakResidentMiB { get; init; }

    /// <summary>Of one core.</summary>
    public required double QuietCpuPercent { get; init; }

    public required double QuietWrites { get; init; }

    /// <summary>Requests in the quiet time but those for the lease.</summary>
    public required double QuietRequests { get; init; }

    public required int MembersOfDeadPod { get; init; }

    /// <summary>From the deletion of a pod until its last member was gone and the last status said so.</summary>
    public required double PodDeathS { get; init; }

    public required double PodDeathWritesPerVirtualIP { get; init; }

    /// <summary>From a spec's change until all members had it and the status said so.</summary>
    public required double OneChangeS { get; init; }

    /// <summary>Members and status: 4 objects.</summary>
    public required double OneChangeWrites { get; init; }

    /// <summary>All requests for it, events with them.</summary>
    public required double OneChangeRequests { get; init; }

    /// <summary>From the start of a new process in the cluster that is as it should be until its first plan.</summary>
    public required double RestartS { get; init; }

    public required double RestartWrites { get; init; }

    /// <summary>The mean time of one plan of the whole cluster, in ms.</summary>
    public required double PlanMs { get; init; }
}
