using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>A pair of speakers of one program and how they are set.</summary>
/// <param name="Priorities">Of the first node and the second.</param>
/// <param name="Threshold">As <see cref="SpeakerPlan.Threshold"/>.</param>
internal sealed record OutagePlan(Contestant Contestant, NginxCheck Check, Timing Timing,
    (int First, int Second) Priorities, (int Fall, int Rise) Threshold)
{
    public const string Address = "192.168.1.108";

    /// <summary>The key in the results.</summary>
    public string Name => (Contestant, Check) switch
    {
        (Contestant.Ours, _) => "ours",
        (Contestant.Keepalived, NginxCheck.Script) => "keepalived, script",
        (Contestant.Keepalived, _) => "keepalived",
    };

    /// <summary>
    /// What is made of this pair: keepalived notices nothing of nginx with track_process but its end.
    /// </summary>
    public bool Takes(OutageKind kind) => (Contestant, Check) switch
    {
        (Contestant.Ours, _) => true,
        (Contestant.Keepalived, NginxCheck.Script) => kind is OutageKind.NginxKilled or OutageKind.NginxHung,
        (Contestant.Keepalived, _) => kind is not OutageKind.NginxHung,
    };

    public SpeakerPlan SpeakerOf(int node, string nginxName) => new()
    {
        Timing = Timing,
        Priority = node == 0 ? Priorities.First : Priorities.Second,
        Routers = [new RouterPart(Lab.Network.NetworkHost.Link, 51, $"{Address}/32")],
        Check = Check,
        NginxName = nginxName,
        Threshold = Threshold,
    };
}
