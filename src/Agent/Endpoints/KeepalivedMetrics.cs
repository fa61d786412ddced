using System.Collections.Immutable;
using VipOperator.Agent.Routers;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Endpoints;

/// <summary>
/// What is measured, once more under the names and labels of keepalived_exporter, for dashboards and alerts that were
/// made for it (<c>--keepalived-metrics</c>). A VirtualIP is an instance there, with "-ipv6" behind its name for the
/// router of that family. The exporter counts states as we do, and says MASTER where RFC 9568 says Active.
/// </summary>
internal static class KeepalivedMetrics
{
    private const string Prefix = "keepalived_";

    private static readonly ImmutableArray<(string Name, string Help, Func<RouterReport, ulong> Value)> Counters =
    [
        ("advertisements_received_total", "Advertisements received.",
            r => Counter(r, RouterCounter.AdvertisementsReceived)),
        ("advertisements_sent_total", "Advertisements sent.", r => Counter(r, RouterCounter.AdvertisementsSent)),
        ("become_master_total", "Times that the instance became master.", r => Counter(r, RouterCounter.BecomeActive)),
        ("release_master_total", "Times that the instance stopped being master.",
            r => Counter(r, RouterCounter.ReleaseActive)),
        ("priority_zero_received_total", "Advertisements of priority zero received.",
            r => Counter(r, RouterCounter.PriorityZeroReceived)),
        ("priority_zero_sent_total", "Advertisements of priority zero sent.",
            r => Counter(r, RouterCounter.PriorityZeroSent)),
        ("address_list_errors_total", "Advertisements with other addresses.",
            r => Counter(r, RouterCounter.AddressListMismatches)),
        ("packet_length_errors_total", "Packets of a wrong length.", r => Drops(r, DropReason.Length)),
        ("advertisements_interval_errors_total", "Advertisements with another interval.",
            r => Drops(r, DropReason.IntervalMismatch) + Drops(r, DropReason.InvalidInterval)),
        ("ip_ttl_errors_total", "Packets whose TTL is not 255.", r => Drops(r, DropReason.TimeToLive)),
        ("invalid_type_received_total", "Packets of an unknown type.", r => Drops(r, DropReason.UnknownType)),
        ("authentication_invalid_total", "Packets with authentication that is not known.",
            r => Drops(r, DropReason.AuthenticationKeyUnknown)),
        ("authentication_mismatch_total", "Packets with another type of authentication.",
            r => Drops(r, DropReason.AuthenticationTypeMismatch)),
        ("authentication_failure_total", "Packets with a wrong password or key.",
            r => Drops(r, DropReason.AuthenticationFailed) + Drops(r, DropReason.AuthenticationStale)),
    ];

    public static void Write(MetricsText text, AgentSnapshot agent)
    {
        (RouterSnapshot Router, string Labels)[] routers =
        [
            .. agent.Members.SelectMany(
                m => m.Routers.Where(r => r.Report is not null).Select(r => (r, LabelsOf(m, r)))),
        ];

        text.Family("up", "gauge", "1 while the sidecar is connected and answers.", Prefix);
        text.Sample(agent.Process is null || !agent.SidecarAnswers ? 0UL : 1UL, "");
        text.Family("vrrp_state", "gauge", "State of the instance: 0 init, 1 backup, 2 master, 3 fault.", Prefix);
        foreach ((RouterSnapshot router, string labels) in routers)
        {
            foreach (IpPrefix address in router.Parameters.Addresses)
            {
                text.Sample(
                    (ulong)MemberStatusBuilder.State(router),
                    labels + "," + MetricsText.Labels(("ip_address", address.Address.ToString())));
            }
        }

        foreach ((string name, string help, Func<RouterReport, ulong> value) in Counters)
        {
            text.Family(name, "counter", help, Prefix);
            foreach ((RouterSnapshot router, string labels) in routers)
                text.Sample(value(router.Report!), labels);
        }

        text.Family("script_status", "gauge", "1 while the probe of the VirtualIP does not fail.", Prefix);
        foreach (MemberSnapshot member in agent.Members.Where(m => m.Probe is not null))
        {
            text.Sample(
                member.Probe!.Verdict == Health.Failing ? 0UL : 1UL,
                MetricsText.Labels(("name", MetricsPage.VirtualIPName(member))));
        }
    }

    private static string LabelsOf(MemberSnapshot member, RouterSnapshot router) => MetricsText.Labels(
        ("iname", MetricsPage.VirtualIPName(member) + (router.Parameters.Family == IpFamily.V6 ? "-ipv6" : "")),
        ("intf", MetricsPage.InterfaceName(router)),
        ("vrid", router.Parameters.VirtualRouterId.ToString()));

    private static ulong Counter(RouterReport report, RouterCounter counter) =>
        (int)counter < report.Counters.Length ? report.Counters[(int)counter] : 0;

    private static ulong Drops(RouterReport report, DropReason reason) =>
        (int)reason < report.Drops.Length ? report.Drops[(int)reason] : 0;
}
