using System.Collections.Immutable;
using System.Globalization;
using VipOperator.Agent.Kubernetes;
using VipOperator.Agent.Probes;
using VipOperator.Agent.Routers;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Endpoints;

/// <summary>
/// Makes the page of <c>/metrics</c> from what is known at this moment; nothing is registered, so the series of a
/// router end with it. Label values come from configuration and from our own enums, never from a packet.
/// </summary>
internal static class MetricsPage
{
    /// <summary>By <see cref="RouterCounter"/>.</summary>
    private static readonly ImmutableArray<(RouterCounter Counter, string Name, string Help)> Counters =
    [
        (RouterCounter.AdvertisementsReceived, "advertisements_received_total", "Advertisements received and taken."),
        (RouterCounter.AdvertisementsSent, "advertisements_sent_total", "Advertisements sent."),
        (RouterCounter.BecomeActive, "become_active_total", "Times that the router became Active."),
        (RouterCounter.ReleaseActive, "release_active_total", "Times that the router stopped being Active."),
        (RouterCounter.PriorityZeroReceived, "priority_zero_received_total",
            "Advertisements received from an Active router that resigned."),
        (RouterCounter.PriorityZeroSent, "priority_zero_sent_total", "Advertisements sent to resign."),
        (RouterCounter.AnnouncementsSent, "announcements_sent_total",
            "Gratuitous ARP and unsolicited Neighbor Advertisement frames sent."),
        (RouterCounter.AddressesRestored, "addresses_restored_total",
            "Addresses that somebody else removed and that were bound again."),
        (RouterCounter.Stalls, "stalls_total", "Times that the event loop came so late that the router stepped down."),
        (RouterCounter.SendErrors, "send_errors_total", "Packets that could not be sent."),
        (RouterCounter.BindErrors, "bind_errors_total", "Addresses that could not be bound."),
        (RouterCounter.LowerPriorityHeardWhileActive, "lower_priority_heard_while_active_total",
            "Advertisements of a lower priority heard while Active: two Actives."),
        (RouterCounter.AddressListMismatches, "address_list_mismatches_total",
            "Advertisements taken whose addresses differ from ours."),
        (RouterCounter.AddressConflicts, "address_conflicts_total",
            "ARP and Neighbor Advertisement frames by which another host claimed a held address."),
        (RouterCounter.LateWakeUps, "late_wake_ups_total",
            "Times that the event loop came later than an advertisement interval."),
    ];

    /// <param name="withKeepalivedNames">Whether what keepalived_exporter has names for stands under those too.</param>
    public static string Render(
        AgentSnapshot agent, ApiSnapshot? api, in ProcessUsage usage, bool withKeepalivedNames = false)
    {
        MetricsText text = new();
        text.Family("build_info", "gauge", "1, with the version of this build.");
        text.Sample(1UL, MetricsText.Labels(("version", AgentVersion.Text)));
        WriteRouters(text, agent);
        WriteProbes(text, agent);
        WriteSidecar(text, agent);
        if (api is not null)
            WriteApi(text, api);
        if (withKeepalivedNames)
            KeepalivedMetrics.Write(text, agent);
        usage.Write(text);
        return text.ToString();
    }

    /// <summary>The VirtualIP of a member; in a configuration file that names none, the member itself.</summary>
    public static string VirtualIPName(MemberSnapshot member) =>
        (member.Running ?? member.Asked)?.Spec.VirtualIPName is { Length: > 0 } name ? name : member.Name;

    /// <summary>The link that the router is on; until the sidecar has said so, the one that was asked for.</summary>
    public static string InterfaceName(RouterSnapshot router) =>
        router.Report is { InterfaceName.Length: > 0 } report
            ? report.InterfaceName
            : router.Configuration.InterfaceName;

    private static void WriteRouters(MetricsText text, AgentSnapshot agent)
    {
        (RouterSnapshot Router, string Labels)[] routers =
            [.. agent.Members.SelectMany(m => m.Routers.Select(r => (r, LabelsOf(m, r))))];

        text.Family("state", "gauge", "State of the virtual router: 0 Initialize, 1 Backup, 2 Active, 3 Fault.");
        foreach ((RouterSnapshot router, string labels) in routers.Where(
            r => r.Router.Report is not null || r.Router.Refusal is not null))
            text.Sample((ulong)MemberStatusBuilder.State(router), labels);
        text.Family(
            "last_transition_timestamp_seconds", "gauge", "When the router entered its state, in seconds since 1970.");
        foreach ((RouterSnapshot router, string labels) in routers.Where(r => r.Router.Report is not null))
            text.Sample(router.Since.ToUnixTimeMilliseconds() / 1000.0, labels);
        text.Family("priority", "gauge", "Configured priority.");
        foreach ((RouterSnapshot router, string labels) in routers)
            text.Sample((ulong)router.Parameters.Priority.Value, labels);
        text.Family("effective_priority", "gauge",
            "Priority in force, lower than the configured one while a failing probe demotes the router.");
        foreach ((RouterSnapshot router, string labels) in routers.Where(r => r.Router.Report is not null))
            text.Sample((ulong)router.Report!.EffectivePriority.Value, labels);
        text.Family("bound_addresses", "gauge", "Virtual addresses on the link at this moment.");
        foreach ((RouterSnapshot router, string labels) in routers.Where(r => r.Router.Report is not null))
            text.Sample((ulong)router.Report!.BoundAddresses.Length, labels);
        text.Family("lifeline", "gauge",
            "1 while the end of the process of the Active router that is followed would be noticed at once.");
        foreach ((RouterSnapshot router, string labels) in routers.Where(r => r.Router.Report is not null))
            text.Sample(router.Report!.HasLifeline ? 1UL : 0UL, labels);

        foreach ((RouterCounter counter, string name, string help) in Counters)
        {
            text.Family(name, "counter", help);
            foreach ((RouterSnapshot router, string labels) in routers)
            {
                if (router.Report is { } report && (int)counter < report.Counters.Length)
                    text.Sample(report.Counters[(int)counter], labels);
            }
        }

        text.Family("hint", "gauge",
            "1 for what goes wrong around the router though it does its part, by kind; see its status for what to do.");
        foreach ((RouterSnapshot router, string labels) in routers)
        {
            foreach (RouterHint hint in router.Hints)
                text.Sample(1UL, labels + "," + MetricsText.Labels(("kind", hint.Kind.ToString())));
        }

        text.Family("packets_dropped_total", "counter", "Packets for the router that were not taken, by reason.");
        foreach ((RouterSnapshot router, string labels) in routers)
        {
            foreach (DropReason reason in Enum.GetValues<DropReason>())
            {
                if (reason != DropReason.None && router.Report is { } report && (int)reason < report.Drops.Length)
                    text.Sample(
                        report.Drops[(int)reason], labels + "," + MetricsText.Labels(("reason", reason.ToString())));
            }
        }

        text.Family("member_problem", "gauge", "1 for a member that cannot run as specified, by reason.");
        foreach (MemberSnapshot member in agent.Members.Where(m => m.Problem is not null))
        {
            text.Sample(1UL, MetricsText.Labels(
                ("namespace", member.Namespace), ("virtualip", VirtualIPName(member)),
                ("reason", member.Problem!.Reason)));
        }
    }

    private static void WriteProbes(MetricsText text, AgentSnapshot agent)
    {
        (ProbeSnapshot Probe, string Labels)[] probes = [.. agent.Members.Where(m => m.Probe is not null)
            .Select(m => (m.Probe!, MetricsText.Labels(("namespace", m.Namespace), ("virtualip", VirtualIPName(m)))))];

        text.Family("probe_state", "gauge", "Verdict on the service: 0 unknown, 1 passing, 2 failing.");
        foreach ((ProbeSnapshot probe, string labels) in probes)
            text.Sample((ulong)probe.Verdict, labels);
        text.Family("probes_total", "counter", "Probes by result.");
        foreach ((ProbeSnapshot probe, string labels) in probes)
        {
            text.Sample((ulong)probe.Successes, labels + ",result=\"success\"");
            text.Sample((ulong)probe.Failures, labels + ",result=\"failure\"");
        }

        text.Family("probe_duration_seconds", "histogram", "How long probes took.");
        foreach ((ProbeSnapshot probe, string labels) in probes)
        {
            long cumulative = 0;
            for (int i = 0; i < probe.LatencyBuckets.Length; i++)
            {
                cumulative += probe.LatencyBuckets[i];
                string bound = i < ProbeSnapshot.BucketBounds.Length
                    ? ProbeSnapshot.BucketBounds[i].ToString(CultureInfo.InvariantCulture)
                    : "+Inf";
                text.Sample(cumulative, labels + ",le=\"" + bound + "\"", "_bucket");
            }

            text.Sample(probe.LatencySeconds, labels, "_sum");
            text.Sample(cumulative, labels, "_count");
        }
    }

    private static void WriteSidecar(MetricsText text, AgentSnapshot agent)
    {
        text.Family("sidecar_answers", "gauge",
            "1 while the sidecar gives signs of life; without them its routers are told of as in Fault.");
        text.Sample(agent.SidecarAnswers ? 1UL : 0UL, "");
        text.Family("configuration_revision", "gauge", "The last configuration that the agent sent to the sidecar.");
        text.Sample(agent.Revision, "");
        text.Family("configuration_applied_revision", "gauge", "The last configuration that the sidecar took.");
        text.Sample(agent.AppliedRevision, "");
        text.Family("foreign_speakers", "gauge",
            "Speakers heard in the last five minutes whose advertisements are not taken, by link.");
        foreach (IGrouping<string, HeardReport> link in agent.Heard.GroupBy(h => h.InterfaceName))
            text.Sample((ulong)link.Count(), MetricsText.Labels(("interface", link.Key)));
        if (agent.Process is not { } process)
            return;
        text.Family("agent_starts_total", "counter", "Times that the sidecar started the agent.");
        text.Sample((ulong)process.AgentStarts, "");
        text.Family("loop_iterations_total", "counter", "Wake-ups of the sidecar's event loop.");
        text.Sample(process.LoopIterations, "");
        text.Family("loop_allocated_bytes_total", "counter", "Managed bytes that the sidecar's event loop allocated.");
        text.Sample(process.LoopAllocatedBytes, "");
        text.Family("unrouted_packets_dropped_total", "counter", "Packets dropped before a router was found for them.");
        text.Sample(process.UnroutedDrops, "");
        text.Family("kernel_drops_total", "counter",
            "Packets and netlink messages that the kernel dropped because buffers were full.");
        text.Sample(process.KernelDrops, "");
        text.Family("loop_realtime_priority", "gauge", "SCHED_FIFO priority of the event loop, 0 for none.");
        text.Sample((ulong)process.RealtimePriority, "");
        text.Family("memory_locked", "gauge", "1 when the sidecar's memory cannot be swapped out.");
        text.Sample(process.MemoryLocked ? 1UL : 0UL, "");
    }

    private static void WriteApi(MetricsText text, ApiSnapshot api)
    {
        text.Family("api_connected", "gauge", "1 while the watch on the API server stands.");
        text.Sample(api.Connected ? 1UL : 0UL, "");
        text.Family("api_requests_total", "counter", "Requests to the API server, by verb.");
        text.Sample((ulong)api.Lists, "verb=\"list\"");
        text.Sample((ulong)api.Watches, "verb=\"watch\"");
        text.Sample((ulong)(api.StatusWrites + api.StatusWriteErrors), "verb=\"patch\"");
        text.Family("api_errors_total", "counter", "List and watch requests to the API server that failed.");
        text.Sample((ulong)api.Errors, "");
        text.Family("status_writes_total", "counter", "Writes of member status, by result.");
        text.Sample((ulong)api.StatusWrites, "result=\"success\"");
        text.Sample((ulong)api.StatusWriteErrors, "result=\"failure\"");
    }

    private static string LabelsOf(MemberSnapshot member, RouterSnapshot router) => MetricsText.Labels(
        ("namespace", member.Namespace),
        ("virtualip", VirtualIPName(member)),
        ("interface", InterfaceName(router)),
        ("vrid", router.Parameters.VirtualRouterId.ToString()),
        ("family", MemberStatusBuilder.FamilyName(router.Parameters.Family)));
}
