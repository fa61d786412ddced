using System.Diagnostics;
using System.Text.RegularExpressions;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Settings;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Endpoints;

public sealed partial class MetricsPageTests
{
    private const string Router =
        "namespace=\"default\",virtualip=\"shop\",interface=\"eth0\",vrid=\"51\",family=\"IPv4\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_CountersOfTheSidecar_AreShownByTheirNames()
    {
        await using AgentHarness agent = await StartAsync();

        string page = (await agent.GetAsync("/metrics", Cancellation)).Body;

        // The fake sidecar counts 0, 1, 2, … in the order of the contract.
        Assert.Contains($"vipoperator_state{{{Router}}} 2\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_priority{{{Router}}} 100\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_advertisements_received_total{{{Router}}} 0\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_advertisements_sent_total{{{Router}}} 1\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_become_active_total{{{Router}}} 2\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_release_active_total{{{Router}}} 3\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_priority_zero_received_total{{{Router}}} 4\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_priority_zero_sent_total{{{Router}}} 5\n", page, StringComparison.Ordinal);
        Assert.Contains($"vipoperator_announcements_sent_total{{{Router}}} 6\n", page, StringComparison.Ordinal);
        Assert.Contains(
            $"vipoperator_packets_dropped_total{{{Router},reason=\"Checksum\"}} {(int)DropReason.Checksum}\n", page,
            StringComparison.Ordinal);
        Assert.Contains("vipoperator_foreign_speakers{interface=\"eth0\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("vipoperator_agent_starts_total 1\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.1.66", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_EveryCounterOfTheContract_HasASeries()
    {
        await using AgentHarness agent = await StartAsync();

        string page = (await agent.GetAsync("/metrics", Cancellation)).Body;

        int shown = Enum.GetValues<RouterCounter>()
            .Count(c => page.Contains($"_total{{{Router}}} {(int)c}\n", StringComparison.Ordinal));
        Assert.Equal(Enum.GetValues<RouterCounter>().Length, shown);
    }

    [Fact]
    public async Task Metrics_RouterGone_ItsSeriesAreGone()
    {
        await using AgentHarness agent = await StartAsync();
        string file = agent.Settings.ConfigurationFile!;

        await File.WriteAllTextAsync(file, File.ReadAllText(file)
            .Replace("virtualRouterId: 51", "virtualRouterId: 52", StringComparison.Ordinal), Cancellation);
        await agent.UntilAsync("/metrics", s => s.Body.Contains("vrid=\"52\"", StringComparison.Ordinal), Cancellation);

        Assert.DoesNotContain(
            "vrid=\"51\"", (await agent.GetAsync("/metrics", Cancellation)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_Page_IsWellFormed()
    {
        await using AgentHarness agent = await StartAsync();

        string page = (await agent.GetAsync("/metrics", Cancellation)).Body;

        HashSet<string> families = [];
        HashSet<string> samples = [];
        string family = "";
        foreach (string line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                Assert.True(families.Add(family), $"{family} comes twice");
            }
            else if (!line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Matches(Sample(), line);
                Assert.StartsWith(family, line, StringComparison.Ordinal);
                Assert.True(samples.Add(line[..line.LastIndexOf(' ')]), $"{line} comes twice");
            }
        }

        Assert.All(families, f => Assert.True(f.StartsWith("vipoperator_", StringComparison.Ordinal)
            || f.StartsWith("process_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_NamesOfKeepalivedExporter_ComeWhenAskedFor()
    {
        await using AgentHarness plain = await StartAsync();
        await using AgentHarness agent = await StartAsync(s => s.KeepalivedMetrics = true);

        string page = (await agent.GetAsync("/metrics", Cancellation)).Body;

        Assert.DoesNotContain(
            "keepalived_", (await plain.GetAsync("/metrics", Cancellation)).Body, StringComparison.Ordinal);
        Assert.Contains(
            "\nkeepalived_vrrp_state{iname=\"shop\",intf=\"eth0\",vrid=\"51\",ip_address=\"192.168.1.108\"} ", page,
            StringComparison.Ordinal);
        Assert.Contains("\nkeepalived_script_status{name=\"shop\"} 1\n", page, StringComparison.Ordinal);
        // As mehdy/keepalived-exporter 1.3 lists them, but for those about its own scripts and keepalived's delays.
        string[] counters =
        [
            "address_list_errors", "advertisements_interval_errors", "advertisements_received", "advertisements_sent",
            "authentication_failure", "authentication_invalid", "authentication_mismatch",
            "become_master", "invalid_type_received",
            "ip_ttl_errors", "packet_length_errors", "priority_zero_received", "priority_zero_sent", "release_master",
        ];
        Assert.All(counters, counter => Assert.Contains(
            $"\nkeepalived_{counter}_total{{iname=\"shop\",intf=\"eth0\",vrid=\"51\"}} ", page,
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_Promtool_FindsNoFault()
    {
        const string Promtool = "/usr/bin/promtool";
        if (!File.Exists(Promtool))
            Assert.Skip($"promtool is not installed ({Promtool}); install the package prometheus to run this test.");
        await using AgentHarness agent = await StartAsync(s => s.KeepalivedMetrics = true);
        string page = (await agent.GetAsync("/metrics", Cancellation)).Body;

        using Process check = Process.Start(new ProcessStartInfo(Promtool, ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await check.StandardInput.WriteAsync(page.AsMemory(), Cancellation);
        check.StandardInput.Close();
        string complaints = await check.StandardError.ReadToEndAsync(Cancellation);
        await check.WaitForExitAsync(Cancellation);

        Assert.Equal("", complaints);
    }

    [Fact]
    public void Labels_OddCharacters_AreEscaped() =>
        Assert.Equal("""a="x\\y\"z\n",b="2" """.TrimEnd(), MetricsText.Labels(("a", "x\\y\"z\n"), ("b", "2")));

    private static async Task<AgentHarness> StartAsync(Action<AgentSettings>? configure = null)
    {
        AgentHarness agent = new(configure);
        agent.Start(
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              virtualIPName: shop
              addresses: [192.168.1.108]
              interfaceName: eth0
              virtualRouterId: 51
              priority: 100
              probe: {process: {name: no-such-thing}, interval: 1h}
            """);
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup);
        agent.Sidecar.Hear("192.168.1.66", 99);
        await agent.UntilAsync("/state", s => s.Body.Contains("192.168.1.66", StringComparison.Ordinal), Cancellation);
        return agent;
    }

    [GeneratedRegex("""^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+0-9.eE]+$""")]
    private static partial Regex Sample();
}
