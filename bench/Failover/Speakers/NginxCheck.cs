namespace VipOperator.Bench.Failover.Speakers;

/// <summary>How a speaker of keepalived learns of nginx's end; ours always asks by HTTP.</summary>
internal enum NginxCheck
{
    None,

    /// <summary>track_process: the kernel tells of each process's end.</summary>
    Process,

    /// <summary>track_script: curl, each second, with a timeout of a second.</summary>
    Script,
}
