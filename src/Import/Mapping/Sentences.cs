using System.Collections.Frozen;

namespace VipOperator.Import;

/// <summary>What is said of a setting that has one answer, whatever its value.</summary>
internal sealed record Sentence(Outcome Outcome, string Text, bool NeedsDecision = false);

/// <summary>The answers to settings whose value changes nothing in the manifests.</summary>
internal static class Sentences
{
    private const string Notifications =
        "The operator's notifications are set up once for all VirtualIPs; events and metrics tell of each "
        + "transition too.";

    private const string Script =
        "No program is run at a transition; if this one does more than tell of it, that has to happen elsewhere "
        + "(events, metrics and the pod label vipoperator.io/role say who is Active).";

    private const string OwnLoop = "The sidecar sees to its own priority, memory and buffers.";
    private const string Lvs = "Only keepalived's load balancer (LVS) is concerned.";
    private const string Snmp = "There is no SNMP; the same numbers are metrics.";
    private const string Firewall = "The sidecar needs no firewall rules of its own.";
    private const string Announcements =
        "The sidecar announces the addresses at once, again within a second and with each refresh; there are no "
        + "numbers to set.";
    private const string Process = "It concerns keepalived's own processes and files.";
    private const string Bfd = "There is no BFD; a shorter advertisementInterval notices a dead node as soon.";
    private const string Checksum =
        "Both forms of the checksum are taken in, and the one that keepalived sends is sent.";

    private static readonly FrozenDictionary<string, Sentence> Global = Table(
        (Outcome.Mapped, "It only names the host; see the node's name above.", "router_id"),
        (Outcome.Approximated, Notifications,
            "notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert "
            + "smtp_alert_vrrp no_email_faults"),
        (Outcome.Approximated, Announcements,
            "vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh_repeat vrrp_garp_lower_prio_delay "
            + "vrrp_garp_lower_prio_repeat vrrp_garp_interval vrrp_gna_interval vrrp_min_garp vrrp_garp_extra_if "
            + "vrrp_vmac_garp_intvl"),
        (Outcome.Approximated, OwnLoop,
            "vrrp_priority vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime "
            + "vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier max_auto_priority min_auto_priority_delay "
            + "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
            + "vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force"),
        (Outcome.Left, Lvs,
            "smtp_alert_checker checker_log_all_failures lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop "
            + "lvs_sync_daemon nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark lvs_notify_fifo "
            + "lvs_notify_fifo_script checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity "
            + "checker_rlimit_rttime checker_rlimit_rtime enable_snmp_checker snmp_vs_stats_update_interval "
            + "snmp_rs_stats_update_interval lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force "
            + "lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force rs_init_notifies no_checker_emails"),
        (Outcome.Left, Snmp,
            "snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 "
            + "enable_snmp_rfcv3"),
        (Outcome.Left, Firewall,
            "vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters "
            + "namespace_with_ipsets"),
        (Outcome.Left, Bfd,
            "bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime"),
        (Outcome.Mapped, "Advertisements are taken in only from the other members' nodes.", "vrrp_check_unicast_src"),
        (Outcome.Mapped, "Every advertisement is looked at; there is nothing to skip.", "vrrp_skip_check_adv_addr"),
        (Outcome.Mapped, "A better member makes itself heard at once, as RFC 9568 has it, so that a worse one yields.",
            "vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert"),
        (Outcome.Mapped, Checksum, "v3_checksum_as_v2"),
        (Outcome.Left, "No scripts are run, so no user has to be named for them.",
            "script_user enable_script_security use_symlink_paths set_supplementary_groups"),
        (Outcome.Approximated, "A sidecar that starts waits out a whole ActiveDownInterval before it takes an address.",
            "vrrp_startup_delay vrrp_delay_after_boot"),
        (Outcome.Mapped,
            "Foreign ids on the link are seen anyway, and stand in the member's status.", "log_unknown_vrids"),
        (Outcome.Mapped, "No member is an address owner (priority 255).", "vrrp_owner_ignore_adverts"),
        (Outcome.Left, "Macvlan links have names of their own.", "vmac_prefix vmac_addr_prefix"),
        (Outcome.Left, Process,
            "process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name umask "
            + "random_seed reload_check_config reload_time_file reload_repeat reload_file include_check "
            + "config_save_dir tmp_config_directory data_use_instance json_version iproute_usr_dir iproute_etc_dir "
            + "state_dump_file stats_dump_file json_dump_file use_pid_dir instance child_wait_time default_interface "
            + "disable_local_igmp enable_dbus dbus_service_name dbus_no_interface_name "
            + "fifo_write_vrrp_states_on_reload vrrp_notify_priority_changes"),
        (Outcome.Mapped, "Links may come and go while the sidecar runs.", "dynamic_interfaces linkbeat_use_polling"));

    private static readonly FrozenDictionary<string, Sentence> GlobalDecisions = Table(
        (Outcome.Left, Script, "startup_script startup_script_timeout shutdown_script shutdown_script_timeout"),
        (Outcome.Left, Script, "notify_fifo notify_fifo_script vrrp_notify_fifo vrrp_notify_fifo_script"),
        (Outcome.Left, "The three ActiveDownInterval adverts of RFC 9568 are not a setting.",
            "vrrp_down_timer_adverts"),
        (Outcome.Left, "A pod of the host network lives in the host's own namespace, not in one of keepalived's.",
            "net_namespace net_namespace_ipvs"));

    private static readonly FrozenDictionary<string, Sentence> Instance = Table(
        (Outcome.Mapped, "The addresses say so.", "native_ipv6"),
        (Outcome.Approximated, Announcements,
            "garp_master_delay garp_master_repeat garp_master_refresh_repeat garp_lower_prio_delay "
            + "garp_lower_prio_repeat garp_extra_if vmac_garp_intvl"),
        (Outcome.Approximated, Notifications, "smtp_alert"),
        (Outcome.Mapped, "It is the default: a better member takes the addresses back.", "preempt"),
        (Outcome.Mapped, "Advertisements are taken in only from the other members' nodes.", "check_unicast_src"),
        (Outcome.Approximated,
            "Without peers a router with transport Unicast says so in its status (NoPeers) and goes on.",
            "unicast_fault_no_peer"),
        (Outcome.Mapped, Checksum, "old_unicast_checksum v3_checksum_as_v2"),
        (Outcome.Mapped, "Every advertisement is looked at; there is nothing to skip.", "skip_check_adv_addr"),
        (Outcome.Mapped, "A better member makes itself heard at once, as RFC 9568 has it, so that a worse one yields.",
            "lower_prio_no_advert higher_prio_send_advert"),
        (Outcome.Mapped, "The addresses answer on the node that has them.", "accept"),
        (Outcome.Mapped, "No member is an address owner (priority 255).", "owner_ignore_adverts"),
        (Outcome.Approximated, OwnLoop, "kernel_rx_buf_size"),
        (Outcome.Approximated, "Advertisements leave by the link itself, with the virtual MAC address as their source.",
            "vmac_xmit_base use_vmac_addr"),
        (Outcome.Mapped, "Logs have a level each; see --log-level.", "debug"),
        (Outcome.Left, Process, "notify_priority_changes promote_secondaries track_src_ip"),
        (Outcome.Left, Lvs, "lvs_sync_daemon_interface"),
        (Outcome.Approximated, "The sidecar watches the link by netlink.", "linkbeat_use_polling"));

    private static readonly FrozenDictionary<string, Sentence> InstanceDecisions = Table(
        (Outcome.Approximated, Script,
            "notify_master notify_backup notify_fault notify_stop notify_deleted notify notify_master_rx_lower_pri"),
        (Outcome.Left, "The link that carries the addresses is always watched: without it the member is in Fault.",
            "dont_track_primary"),
        (Outcome.Left, "A VirtualIP has at least one address.", "no_virtual_ipaddress"),
        (Outcome.Left, "The three ActiveDownInterval adverts of RFC 9568 are not a setting.",
            "down_timer_adverts timer_expired_backup thread_timer_expired"),
        (Outcome.Left,
            "The members speak to 224.0.0.18 and ff02::12 alone, so they hear nobody who uses another group.",
            "mcast_dst_ip"),
        (Outcome.Left,
            "The addresses stand on a link, or with virtualMac on a macvlan; there is no ipvlan.", "use_ipvlan"),
        (Outcome.Left, "A VRF is not looked into; name the link that is in it as interfaceName.", "vrf"),
        (Outcome.Left,
            "What has the addresses answers for them; a firewall rule on the nodes can refuse the rest.", "no_accept"));

    private static readonly FrozenDictionary<string, Sentence> GroupSettings = Table(
        (Outcome.Approximated, Notifications, "smtp_alert"),
        (Outcome.Left, Process, "notify_priority_changes"));

    private static readonly FrozenDictionary<string, Sentence> GroupDecisions = Table(
        (Outcome.Approximated, Script, "notify_master notify_backup notify_fault notify_stop notify"),
        (Outcome.Left, "Priorities are a VirtualIP's own.", "global_tracking sync_group_tracking_weight"));

    public static Sentence? OfGlobal(string name) => Find(name, Global, GlobalDecisions);

    public static Sentence? OfInstance(string name) => Find(name, Instance, InstanceDecisions);

    public static Sentence? OfGroup(string name) => Find(name, GroupSettings, GroupDecisions);

    /// <summary>What is said of a block of what is followed; null: it is looked through.</summary>
    public static string? OfTracked(string name) => name switch
    {
        "track_file" => "No file is watched; to have a node hand its addresses over, annotate it with "
            + "vipoperator.io/evacuate=true.",
        "track_bfd" => Bfd,
        "track_interface" => "Only the link of the addresses is watched, and a member without it is in Fault; a probe "
            + "that goes over another link could stand for that one.",
        _ => null,
    };

    private static Sentence? Find(
        string name, FrozenDictionary<string, Sentence> settled, FrozenDictionary<string, Sentence> decisions) =>
        settled.TryGetValue(name, out Sentence? sentence) ? sentence
        : decisions.TryGetValue(name, out sentence) ? sentence with { NeedsDecision = true }
        : null;

    private static FrozenDictionary<string, Sentence> Table(
        params (Outcome Outcome, string Text, string Names)[] rows) =>
        rows.SelectMany(r => r.Names.Split(' ').Select(n => KeyValuePair.Create(n, new Sentence(r.Outcome, r.Text))))
            .ToFrozenDictionary(StringComparer.Ordinal);
}
