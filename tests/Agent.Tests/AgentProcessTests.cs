using System.Diagnostics;
using System.Text;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Endpoints;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests;

/// <summary>The whole agent with a configuration file.</summary>
public sealed class AgentProcessTests
{
    private const string Canary = "s3cr3t!!";

    private const int TestTimeout = 60_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = TestTimeout)]
    public async Task Ping_IsAnswered()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Configurations.IsEmpty, cancellation);

        agent.Sidecar.Ping();
        agent.Sidecar.Ping();

        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Pongs >= 2, cancellation);
    }

    [Fact]
    public async Task Start_ConfigurationFile_GoesToTheSidecarAsOneRouterPerFamily()
    {
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", "1111222\n");
        agent.Start(
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108/32]
              interfaceName: eth0
              virtualRouterId: 51
              priority: 100
              vrrp: {version: 2, preempt: {delay: 10s}, authentication: {type: Simple, secretRef: {name: vrrp, key: password}}}
              probe: {tcp: {port: 1}, onFailure: Demote}
            ---
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: dual, namespace: shop}
            spec:
              addresses: ["2001:db8::1/64", 10.0.0.1/24, 10.0.0.2]
              virtualRouterId: 7
              priority: 254
              vrrp: {advertisementInterval: 100ms, transport: Unicast, addressLifetime: 7s, announcementRefresh: 5m}
              peers: [{addresses: [10.0.0.9, "fe80::9"]}]
            """);

        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Configurations.IsEmpty, Cancellation);

        RouterConfiguration[] routers = [.. agent.Sidecar.Configurations.Single()
            .Routers.OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Parameters.Family)];
        Assert.Equal(["default/web", "shop/dual", "shop/dual"], routers.Select(r => r.Name));
        RouterParameters web = routers[0].Parameters;
        Assert.Equal("eth0", routers[0].InterfaceName);
        Assert.True(routers[0].Probed);
        Assert.Equal(VrrpVersion.V2, web.Version);
        Assert.Equal(51, web.VirtualRouterId.Value);
        Assert.Equal(100, web.Priority.Value);
        Assert.Equal(100, web.AdvertisementInterval.Value);
        Assert.Equal("1111222"u8.ToArray(), web.AuthenticationKey);
        Assert.Equal(TimeSpan.FromSeconds(10), web.PreemptDelay);
        Assert.Equal(FailurePolicy.Demote, web.OnProbeFailure);
        Assert.Equal(50, web.DemotionWeight);
        // 3.609 s: three intervals, and the skew at priority 100.
        Assert.Equal(TimeSpan.FromSeconds(4), web.AddressLifetime);
        Assert.Equal(TimeSpan.FromMinutes(1), web.AnnounceRefresh);
        RouterParameters dual4 = routers[1].Parameters;
        Assert.Equal("", routers[1].InterfaceName);
        Assert.False(routers[1].Probed);
        Assert.Equal(["10.0.0.1/24", "10.0.0.2/32"], dual4.Addresses.Select(a => a.ToString()));
        Assert.Equal(["10.0.0.9"], dual4.Peers.Select(p => p.ToString()));
        Assert.Equal(10, dual4.AdvertisementInterval.Value);
        Assert.Equal(TimeSpan.FromSeconds(7), dual4.AddressLifetime);
        Assert.Equal(TimeSpan.FromMinutes(5), dual4.AnnounceRefresh);
        Assert.Equal(["2001:db8::1/64"], routers[2].Parameters.Addresses.Select(a => a.ToString()));
        Assert.Equal(["fe80::9"], routers[2].Parameters.Peers.Select(p => p.ToString()));
    }

    [Fact]
    public async Task Sidecar_EndOfTheStream_EndsTheAgent()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Configurations.IsEmpty, Cancellation);

        agent.Sidecar.Close();

        Assert.Equal(0, await agent.Running.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task File_Changed_IsTakenOver_AndAnInvalidOneIsNot()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        uint handle = agent.Sidecar.Routers.Single().Handle;

        File.WriteAllText(agent.Settings.ConfigurationFile!,
            AgentHarness.Member("web", 51).Replace("priority: 100", "priority: 300", StringComparison.Ordinal));
        while (!agent.Log.Contains("spec.priority: is 300", StringComparison.Ordinal))
            await Task.Delay(20, Cancellation);
        Assert.Single(agent.Sidecar.Configurations);

        string next = Path.Combine(agent.Folder, "next");
        File.WriteAllText(
            next, AgentHarness.Member("web", 51).Replace("priority: 100", "priority: 90", StringComparison.Ordinal));
        File.Move(next, agent.Settings.ConfigurationFile!, overwrite: true);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 2, Cancellation);

        Assert.Equal(90, agent.Sidecar.Routers.Single().Parameters.Priority.Value);
        Assert.Equal(handle, agent.Sidecar.Routers.Single().Handle);
    }

    [Fact]
    public async Task File_MountedByKubernetes_IsTakenOverWhenTheLinkIsSwapped()
    {
        await using AgentHarness agent = new();
        string mount = Directory.CreateDirectory(Path.Combine(agent.Folder, "mount")).FullName;
        Directory.CreateDirectory(Path.Combine(mount, "..1"));
        File.WriteAllText(Path.Combine(mount, "..1", "members.yaml"), AgentHarness.Member("web", 51));
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "members.yaml"), "..data/members.yaml");
        agent.StartWithFile(Path.Combine(mount, "members.yaml"));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);

        Directory.CreateDirectory(Path.Combine(mount, "..2"));
        File.WriteAllText(Path.Combine(mount, "..2", "members.yaml"), AgentHarness.Member("web", 52));
        File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        // As kubelet does it: rename(2) over the old link.
        using (Process move = Process.Start(
            "mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]))
            await move.WaitForExitAsync(Cancellation);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 2, Cancellation);

        Assert.Equal(52, agent.Sidecar.Routers.Single().Parameters.VirtualRouterId.Value);
    }

    [Fact]
    public async Task Secret_MissingThenThereThenChanged_IsFollowed()
    {
        await using AgentHarness agent = new();
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        Assert.Empty(agent.Sidecar.Routers);
        Assert.Contains("mount key password of Secret vrrp there", (await agent.GetAsync("/state", Cancellation)).Body,
            StringComparison.Ordinal);

        agent.WriteSecret("vrrp", "password", "first");
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.WriteSecret("vrrp", "password", "second\r\n");
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan()
                .SequenceEqual("second"u8), Cancellation);

        agent.WriteSecret("vrrp", "password", "longer than eight");
        await agent.UntilAsync("/state",
            s => s.Body.Contains("the password has 17 bytes; 1 to 8", StringComparison.Ordinal), Cancellation);
        Assert.Equal("second"u8.ToArray(), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);
    }

    /// <summary>
    /// As kubelet changes a mounted Secret: a new folder, and the link "..data" renamed over the old one.
    /// </summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Secret_Rotated_IsFollowedWithoutAnotherChange()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        string mount = Directory.CreateDirectory(Path.Combine(agent.Settings.SecretsDirectory, "vrrp")).FullName;
        WriteMountedSecret(mount, "..1", "first");
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "password"), "..data/password");
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, cancellation);
        Assert.Equal("first"u8.ToArray(), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);

        WriteMountedSecret(mount, "..2", "second");
        File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        using (Process move = Process.Start(
            "mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]))
            await move.WaitForExitAsync(cancellation);
        Directory.Delete(Path.Combine(mount, "..1"), recursive: true);
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan()
                .SequenceEqual("second"u8), cancellation);

        Assert.Equal(2, agent.Sidecar.Configurations.Count);
    }

    [Fact]
    public async Task Secrets_NeverShowInLogStateMetricsOrStatus()
    {
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", Canary);
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        Assert.Equal(Encoding.ASCII.GetBytes(Canary), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);
        agent.WriteSecret("vrrp", "password", Canary + Canary);
        await agent.UntilAsync("/state", s => s.Body.Contains("InvalidSpec", StringComparison.Ordinal), Cancellation);

        string[] outputs =
        [
            (await agent.GetAsync("/state", Cancellation)).Body,
            (await agent.GetAsync("/metrics", Cancellation)).Body,
            (await agent.GetAsync("/readyz", Cancellation)).Body,
            (await agent.CommandAsync(StatusCommand.RunAsync, Cancellation)).Output,
            agent.Log,
        ];

        foreach (string output in outputs)
        {
            Assert.DoesNotContain(Canary, output, StringComparison.Ordinal);
            Assert.DoesNotContain(
                Convert.ToBase64String(Encoding.ASCII.GetBytes(Canary)), output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusal_OfTheSidecar_IsShownAndLogged()
    {
        await using AgentHarness agent = new();
        agent.Sidecar.Problems = c => [new ConfigureProblem(c.Routers[0].Handle, "eth0 does not exist")];
        agent.Start(AgentHarness.Member("web", 51));

        await agent.UntilAsync(
            "/state", s => s.Body.Contains("eth0 does not exist", StringComparison.Ordinal), Cancellation);

        Assert.Contains("The sidecar cannot run default/web IPv4 as asked: eth0 does not exist", agent.Log,
            StringComparison.Ordinal);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Hints_OfTheSidecar_ShowInStateMetricsAndStatus_UntilTheyAreOver()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);

        agent.Sidecar.Hint(
            1,
            new RouterHint(
                RouterHintKind.TwoActives, FakeSidecar.Now, IpAddress.Parse("192.168.1.104"), default, default),
            new RouterHint(
                RouterHintKind.ForeignSpeaker, FakeSidecar.Now, IpAddress.Parse("192.168.1.7"), default,
                DropReason.AuthenticationFailed));
        await agent.UntilAsync(
            "/state", s => s.Body.Contains("\"kind\": \"TwoActives\"", StringComparison.Ordinal), cancellation);

        const string Words =
            "192.168.1.104 advertises as Active, with a lower priority, while we are Active. It does not hear "
            + "us, or ignores us:";
        StateHint[] hints = [.. (await agent.StateAsync(cancellation)).Members[0].Routers[0].Hints];
        Assert.StartsWith(Words, hints[0].Message, StringComparison.Ordinal);
        Assert.Equal("192.168.1.7", hints[1].Source);
        Assert.Contains("Another password or key", hints[1].Message, StringComparison.Ordinal);
        Assert.Contains("default/web IPv4: TwoActives: " + Words,
            (await agent.CommandAsync(StatusCommand.RunAsync, cancellation)).Output, StringComparison.Ordinal);
        Assert.Contains("family=\"IPv4\",kind=\"ForeignSpeaker\"} 1",
            (await agent.GetAsync("/metrics", cancellation)).Body, StringComparison.Ordinal);

        agent.Sidecar.Hint(1);
        await agent.UntilAsync("/state", s => !s.Body.Contains("TwoActives", StringComparison.Ordinal), cancellation);
        Assert.Contains("default/web IPv4: TwoActives was not seen lately", agent.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Spec_VirtualMacDualStackAndDemotion_ReachTheSidecar()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108, "2001:db8::108"]
              virtualRouterId: 51
              priority: 100
              vrrp: {virtualMac: true}
              probe: {tcp: {port: 1}, onFailure: Demote, weight: 60}
            """);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, cancellation);

        Assert.Equal(["default/web", "default/web"], agent.Sidecar.Routers.Select(r => r.Name));
        Assert.Equal([IpFamily.V4, IpFamily.V6], agent.Sidecar.Routers.Select(r => r.Parameters.Family));
        Assert.All(agent.Sidecar.Routers, r =>
        {
            Assert.True(r.Parameters.VirtualMac);
            Assert.Equal(FailurePolicy.Demote, r.Parameters.OnProbeFailure);
            Assert.Equal(60, r.Parameters.DemotionWeight);
        });
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Spec_HmacKey_ReachesTheSidecarAndShowsNowhere()
    {
        const string Key = "canary-key-of-thirty-two-bytes-0";
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", "key 7 " + Key + "\n");
        agent.Start(Authenticated.Replace("version: 2", "version: 3", StringComparison.Ordinal)
            .Replace("Simple", "HMAC", StringComparison.Ordinal));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, cancellation);

        RouterParameters parameters = agent.Sidecar.Routers.Single().Parameters;
        Assert.Equal(AuthenticationType.Hmac, parameters.Authentication);
        Assert.Equal(7, parameters.AuthenticationKeyId);
        Assert.Equal(Encoding.ASCII.GetBytes(Key), parameters.AuthenticationKey);

        agent.WriteSecret("vrrp", "password", "short " + Key[..20]);
        await agent.UntilAsync("/state", s => s.Body.Contains("InvalidSpec", StringComparison.Ordinal), cancellation);
        string[] outputs =
        [
            (await agent.GetAsync("/state", cancellation)).Body,
            (await agent.GetAsync("/metrics", cancellation)).Body, agent.Log,
        ];
        Assert.All(outputs, output => Assert.DoesNotContain("canary", output, StringComparison.Ordinal));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task FileBehindALink_AndSecretsThatComeLate_AreFollowed()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new(s => s.SecretsDirectory = Path.Combine(s.SecretsDirectory, "late"));
        string elsewhere = Path.Combine(Directory.CreateDirectory(Path.Combine(agent.Folder, "real")).FullName, "file");
        File.WriteAllText(elsewhere, AgentHarness.Member("web", 51));
        File.CreateSymbolicLink(Path.Combine(agent.Folder, "members.yaml"), elsewhere);
        agent.StartWithFile(Path.Combine(agent.Folder, "members.yaml"));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, cancellation);

        File.WriteAllText(elsewhere, Authenticated);
        await agent.UntilAsync(
            "/state", s => s.Body.Contains("SecretUnavailable", StringComparison.Ordinal), cancellation);
        agent.WriteSecret("vrrp", "password", "first");
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan().SequenceEqual("first"u8),
            cancellation);
        agent.WriteSecret("vrrp", "password", "second");
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan().SequenceEqual("second"u8),
            cancellation);
    }

    private static void WriteMountedSecret(string mount, string folder, string password)
    {
        Directory.CreateDirectory(Path.Combine(mount, folder));
        File.WriteAllText(Path.Combine(mount, folder, "password"), password);
    }

    private const string Authenticated =
        """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: web}
        spec:
          addresses: [192.168.1.108/32]
          virtualRouterId: 51
          priority: 100
          vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: vrrp, key: password}}}
        """;
}
