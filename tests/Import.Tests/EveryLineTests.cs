using CsCheck;
using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>Nothing is dropped silently: each line that says something is in the report.</summary>
public sealed class EveryLineTests
{
    private static readonly string[] Settings =
    [
        "state MASTER", "state BACKUP", "state SLAVER", "interface eth0", "interface ens192",
        "interface eth0:1", "virtual_router_id 51",
        "virtual_router_id 300", "priority 100", "priority 0", "priority ten", "advert_int 1", "advert_int 0.05",
        "advert_int never", "nopreempt",
        "preempt", "preempt_delay 30", "garp_master_refresh 60", "garp_master_delay 1", "use_vmac",
        "use_vmac vrrp.1 xmit_base", "native_ipv6",
        "version 3", "version 4", "accept", "dont_track_primary", "smtp_alert", "notify_master \"/bin/x y\"",
        "unicast_src_ip 10.0.0.2",
        "unicast_src_ip ten", "mcast_dst_ip 224.0.0.20", "frobnicate 7",
        "track_interface { eth0 weight 3 }", "track_script { chk }",
        "track_script { chk weight -10\nchk2\nnone }", "track_process { p }", "track_file { f }",
        "virtual_routes { default via 10.0.0.1 }",
        "virtual_rules { from 10.0.0.0/8 lookup 7 }", "unicast_peer { 10.0.0.3\nx }",
        "authentication { auth_type PASS\nauth_pass abc }",
        "authentication { auth_type AH\nauth_pass abc }", "authentication { auth_pass abcdefghijk\nfoo bar }",
        "auth_hmac { key 1 abcdefghijklmnopqrstuvwxyz012345\nactive_key 1 }", "auth_hmac { mode permissive }",
        "virtual_ipaddress { 10.0.0.1/24 dev eth0 label x\n10.0.0.2\nfe80::1/64\nbad }",
        "virtual_ipaddress { 2001:db8::1/64 }",
        "virtual_ipaddress_excluded { 10.0.9.1/24\n2001:db8:1::1 }", "use_ipvlan", "track_bfd { b }",
        "debug 1", "kernel_rx_buf_size 9",
    ];

    private static readonly string[] Roots =
    [
        "global_defs { router_id a\nvrrp_version 3\nvrrp_strict\nnotification_email { a@b.c\nd@e.f "
        + "}\nvrrp_garp_master_refresh 5\nbogus }",
        "vrrp_script chk { script \"killall -0 nginx\"\ninterval 2\nweight -2\nrise 0\nfall 2\nuser root\nbogus }",
        "vrrp_script chk2 { script \"/bin/ping x\"\ntimeout 0.5 }",
        "vrrp_track_process p { process nginx\nquorum 2\ndelay 1\nfull_command }",
        "vrrp_sync_group g { group { A\nB\nC }\nnotify \"/bin/x\"\ntrack_script { chk } }",
        "vrrp_sync_group h { group { A B } }",
        "virtual_server 10.0.0.1 80 { lb_algo rr\nreal_server 10.0.0.2 80 { TCP_CHECK { connect_timeout 3 } } }",
        "track_file f { file /x }", "static_routes { 10.0.0.0/8 dev eth0 }", "use_pid_dir",
        "garp_group { interfaces { eth0 } }",
        "linkbeat_interfaces { eth0 }", "$X=5", "@other priority 3", "include gone.conf",
        "bfd_instance b { min_rx 1 }", "bogus 1",
        "~SEQ(N, 2) interface_up_down_delays { eth$N 1 1 }", "# comment", "", "vrrp_instance { priority 3 }",
    ];

    private static readonly Gen<string> Text =
        from roots in Gen.OneOf(Roots).Array[0, 6]
        from instances in (
            from name in Gen.OneOf("A", "B", "C")
            from settings in Gen.OneOf(Settings).Array[0, 14]
            select $"vrrp_instance {name} {{\n{string.Join('\n', settings)}\n}}").Array[1, 3]
        from after in Gen.OneOf(Roots).Array[0, 3]
        select string.Join('\n', roots.Concat(instances).Concat(after)) + "\n";

    private static readonly Gen<ImportStep> Step = Gen.OneOf(ImportStep.Final, ImportStep.Join, ImportStep.TakeOver);

    [Fact]
    public void EachDirectiveLine_StandsInTheReport() => Text.Array[1, 3].Select(Step).Sample(
        (texts, step) =>
        {
            MemoryFiles files = [];
            for (int i = 0; i < texts.Length; i++)
                files[$"h{i}.conf"] = texts[i];
            ImportResult result = KeepalivedImport.Run(
                [.. files.Keys.Select(f => new ImportHost(f))], files, new ImportOptions { Step = step });

            Assert.Empty(result.Errors);
            HashSet<string> places = [.. result.Findings.Select(f => f.Place.ToString())];
            foreach ((string file, string text) in files)
            {
                string[] lines = text.Split('\n');
                for (int i = 0; i < lines.Length; i++)
                {
                    if (lines[i].Trim('{', '}', ' ') is { Length: > 0 } said && said[0] != '#')
                        Assert.True(places.Contains($"{file}:{i + 1}"), $"{file}:{i + 1} {lines[i]}\n{result.Report}");
                }
            }

            Assert.All(result.Findings, f => Assert.Contains($"{f.Place}: ", result.Report, StringComparison.Ordinal));
        },
        iter: 2000);

    [Fact]
    public void AnyText_IsImportedOrRefused_NeverMore() =>
        Gen.OneOf<string>([.. Settings, .. Roots, "{", "}", "\"", "\\", "$X", "@a", "~SEQ(", "${X}", "$X=\\"])
        .Array[0, 30].Sample(
            parts =>
            {
                MemoryFiles files = new() { ["m.conf"] = string.Join('\n', parts) };
                ImportResult result = KeepalivedImport.Run([new ImportHost("m.conf")], files, new ImportOptions());
                Assert.True(result.Errors.Count > 0 || result.Findings.Count > 0);
                Assert.All(result.Errors, e => Assert.Matches("^(m|gone).conf:[0-9]+: ", e));
            },
            iter: 5000);

    [Fact]
    public void AnyCharacters_AreImportedOrRefused_NeverMore() =>
        Gen.String[Gen.Char["vrrp_instace {}\n\t\"'\\$@~#!=().:/0129abé"], 0, 200].Sample(
        text =>
        {
            MemoryFiles files = new() { ["m.conf"] = text };
            ImportResult result = KeepalivedImport.Run([new ImportHost("m.conf")], files, new ImportOptions());
            Assert.True(result.Errors.Count > 0 || result.Findings.Count > 0);
        },
        iter: 5000);
}
