namespace VipOperator.Import;

/// <summary>A vrrp_script or a vrrp_track_process.</summary>
internal sealed class Check(string name, TrackKind kind, Directive block)
{
    public string Name { get; } = name;

    public TrackKind Kind { get; } = kind;

    public Directive Block { get; } = block;

    /// <summary>The line that says what is run, or which process is looked for; null: there is none.</summary>
    public Directive? Subject { get; set; }

    /// <summary>Seconds; null: keepalived's default, 1.</summary>
    public Sourced<decimal>? Interval { get; set; }

    public Sourced<decimal>? Timeout { get; set; }

    public Sourced<int>? Fall { get; set; }

    public Sourced<int>? Rise { get; set; }

    public Sourced<int>? Weight { get; set; }

    public bool IsReversed { get; set; }

    /// <summary>Seconds that a process may be gone; null: none.</summary>
    public Sourced<decimal>? Delay { get; set; }

    /// <summary>Of a process; 1 where nothing is said.</summary>
    public Sourced<int>? Quorum { get; set; }
}
