using CsCheck;
using VipOperator.Agent.Configuration;
using VipOperator.Api;

namespace VipOperator.Agent.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private const string Minimal =
        """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata:
          name: web
        spec:
          addresses: [192.168.1.108/32]
          virtualRouterId: 51
          priority: 100
        """;

    [Fact]
    public void Parse_MinimalDocument_HasTheDefaultsOfTheApi()
    {
        ConfigurationFile file = ConfigurationFile.Parse("f", Minimal + "\n  probe: {http: {}}\n");

        Assert.Empty(file.Problems);
        VirtualIPMemberSpec spec = file.Members.Single().Member!.Spec;
        Assert.Equal("default/web", file.Members.Single().Key);
        Assert.Equal(3, spec.Vrrp.Version);
        Assert.Equal("1s", spec.Vrrp.AdvertisementInterval.ToString());
        Assert.True(spec.Vrrp.Preempt.Enabled);
        Assert.Equal(AuthenticationScheme.None, spec.Vrrp.Authentication.Type);
        Assert.Equal("", spec.VirtualIPName);
        ProbeSpec probe = spec.Probe!;
        Assert.Equal(80, probe.Http!.Port);
        Assert.Equal("/", probe.Http.Path);
        Assert.Equal("200-399", probe.Http.ExpectedStatus);
        Assert.Equal("1s", probe.Interval.ToString());
        Assert.Equal(3, probe.FailureThreshold);
        Assert.Equal(2, probe.SuccessThreshold);
        Assert.Equal("0s", probe.RestartGrace.ToString());
    }

    [Fact]
    public void Parse_SeveralDocuments_ReadsThemAll()
    {
        string second = Minimal.Replace("name: web", "name: mail\n  namespace: post", StringComparison.Ordinal)
            .Replace("108", "109", StringComparison.Ordinal).Replace("51", "52", StringComparison.Ordinal);

        ConfigurationFile file = ConfigurationFile.Parse("f", $"---\n{Minimal}\n---\n{second}\n---\n");

        Assert.Empty(file.Problems);
        Assert.Equal(["default/web", "post/mail"], file.Members.Select(m => m.Key));
    }

    [Fact]
    public void Parse_Aliases_AreWrittenOut()
    {
        ConfigurationFile file = ConfigurationFile.Parse(
            "f",
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: &name web}
            spec: {virtualIPName: *name, addresses: [10.0.0.1], virtualRouterId: 1, priority: 1}
            """);

        Assert.Empty(file.Problems);
        Assert.Equal("web", file.Members.Single().Member!.Spec.VirtualIPName);
    }

    /// <summary>
    /// The line of a document and what is to be said about it; {0} is the document above with that line added or
    /// replaced.
    /// </summary>
    public static TheoryData<string, string, string> Faults => new()
    {
        { "  virtualRouterId: 51", "  virtualRouterId: 256",
            "f:7:3: spec.virtualRouterId: is 256; allowed is a whole number from 1 to 255" },
        { "  virtualRouterId: 51", "  virtualRouterId: '51'",
            "f:7:3: spec.virtualRouterId: is a string; allowed is a whole number from 1 to 255" },
        { "  virtualRouterId: 51", "  virtualRouterId: 51.5",
            "f:7:3: spec.virtualRouterId: is 51.5; allowed is a whole number from 1 to 255" },
        { "  virtualRouterId: 51", "  virtualRouterId: 051",
            "f:7:20: spec.virtualRouterId: '051' is a number that programs read differently; write it in plain decimal "
            + "digits, or put it in quotes" },
        { "  virtualRouterId: 51", "  virtualRouterId: 0x33",
            "f:7:20: spec.virtualRouterId: '0x33' is a number that programs read differently; write it in plain "
            + "decimal digits, or put it in quotes" },
        { "  virtualRouterId: 51", "  virtualRouterId: 5_1",
            "f:7:20: spec.virtualRouterId: '5_1' is a number that programs read differently; write it in plain decimal "
            + "digits, or put it in quotes" },
        { "  virtualRouterId: 51", "  vrid: 51",
            "f:5:1: spec.virtualRouterId: is missing; allowed is a whole number from 1 to 255" },
        { "  priority: 100", "  priority: 255",
            "f:8:3: spec.priority: is 255; allowed is a whole number from 1 to 254" },
        { "  addresses: [192.168.1.108/32]", "  addresses: []",
            "f:6:3: spec.addresses: has 0 entries; allowed is 1 to 64" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [10.0.0.1, 10.0.0.1/24]",
            "f:6:25: spec.addresses[1]: is 10.0.0.1 a second time; an address may stand here once" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [192.168.1.300]",
            "f:6:15: spec.addresses[0]: is '192.168.1.300'; allowed is an IPv4 or IPv6 address, with or without a "
            + "prefix length, such as 192.168.1.108/32" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [127.0.0.1]",
            "f:6:15: spec.addresses[0]: is 127.0.0.1; allowed is an address that a host can have, not an unspecified, "
            + "loopback, multicast, broadcast or reserved one" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [10.0.0.1, '::ffff:1.2.3.4']",
            "f:6:25: spec.addresses[1]: is ::ffff:1.2.3.4; allowed is an IPv4 address as it is written by itself, "
            + "1.2.3.4" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [1.2.3.4/0]",
            "f:6:15: spec.addresses[0]: is 1.2.3.4/0; allowed is a prefix length of 1 to 32 for IPv4 and 1 to 128 for "
            + "IPv6" },
        { "  addresses: [192.168.1.108/32]", "  addresses: [192.168.1.0/24]",
            "f:6:15: spec.addresses[0]: is 192.168.1.0/24; allowed is the address of a host in its network, not that "
            + "of the network itself" },
        { "  addresses: [192.168.1.108/32]", "  addresses: ['2001:db8::/64']",
            "f:6:15: spec.addresses[0]: is 2001:db8::/64; allowed is the address of a host in its network, not that "
            + "of the network itself" },
        { "  priority: 100", "  priority: 100\n  interfaceName: a/b",
            "f:9:3: spec.interfaceName: is 'a/b'; allowed are 1 to 15 ASCII characters without '/', ':' and white "
            + "space" },
        { "  priority: 100", "  priority: 100\n  interfaceName: on",
            "f:9:18: spec.interfaceName: 'on' is a word that some programs take for true or false; write true or "
            + "false, or put it in quotes" },
        { "  priority: 100", "  priority: 100\n  interfaceName: 7",
            "f:9:3: spec.interfaceName: is a number; allowed is a string (put it in quotes)" },
        { "  priority: 100", "  priority: 100\n  vrrp: {version: 2, advertisementInterval: 100ms}", "f:9:22: spec.vrrp.advertisementInterval: is 100ms; with version 2 allowed is 1s to 255s in whole seconds" },
        { "  priority: 100", "  priority: 100\n  vrrp: {advertisementInterval: 15ms}",
            "f:9:10: spec.vrrp.advertisementInterval: is 15ms; with version 3 allowed is 10ms to 40s950ms "
            + "in steps of 10ms" },
        { "  priority: 100", "  priority: 100\n  vrrp: {addressLifetime: 1500ms}",
            "f:9:10: spec.vrrp.addressLifetime: is 1s500ms; allowed is 1s to 24h in whole seconds, or 0s for ever" },
        { "  priority: 100", "  priority: 100\n  vrrp: {addressLifetime: 24h1s}",
            "f:9:10: spec.vrrp.addressLifetime: is 24h1s; allowed is 1s to 24h in whole seconds, or 0s for ever" },
        { "  priority: 100", "  priority: 100\n  vrrp: {addressLifetime: 1s}",
            "f:9:10: spec.vrrp.addressLifetime: is 1s; allowed is at least twice the advertisementInterval, which is "
            + "1s, or 0s for ever" },
        { "  priority: 100", "  priority: 100\n  vrrp: {advertisementInterval: 3s, addressLifetime: 5s}",
            "f:9:37: spec.vrrp.addressLifetime: is 5s; allowed is at least twice the advertisementInterval, which is "
            + "3s, or 0s for ever" },
        { "  priority: 100", "  priority: 100\n  vrrp: {announcementRefresh: 1ms}",
            "f:9:10: spec.vrrp.announcementRefresh: is 1ms; allowed is 1s to 24h, or 0s for never" },
        { "  priority: 100", "  priority: 100\n  vrrp: {announcementRefresh: 25h}",
            "f:9:10: spec.vrrp.announcementRefresh: is 25h; allowed is 1s to 24h, or 0s for never" },
        { "  priority: 100", "  priority: 100\n  vrrp: {authentication: {secretRef: {name: s, key: k}}}",
            "f:9:27: spec.vrrp.authentication.secretRef: is given, but type is None; set type to Simple or HMAC or "
            + "leave it out" },
        { "  priority: 100", "  priority: 100\n  vrrp: {advertisementInterval: 1.5s}",
            "f:9:10: spec.vrrp.advertisementInterval: is '1.5s'; allowed is a duration: up to four whole numbers, each "
            + "with h, m, s or ms, such as 1s or 1m30s" },
        { "  priority: 100", "  priority: 100\n  vrrp: {authentication: {type: Simple}}",
            "f:9:27: spec.vrrp.authentication.type: is Simple, which only version 2 carries; with version 3 allowed "
            + "is None or HMAC" },
        { "  priority: 100", "  priority: 100\n  vrrp: {version: 2, authentication: {type: Simple}}",
            "f:9:22: spec.vrrp.authentication.secretRef: is missing; allowed is the name and key of a Secret" },
        { "  priority: 100", "  priority: 100\n  vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: .., key: ../x}}}", "f:9:75: spec.vrrp.authentication.secretRef.key: is '../x'; allowed are letters, digits, '-', '_' and '.', not '..' at the beginning" },
        { "  priority: 100", "  priority: 100\n  vrrp: {virtualMac: 1}",
            "f:9:10: spec.vrrp.virtualMac: is a number; allowed is true or false" },
        { "  priority: 100", "  priority: 100\n  vrrp: {version: 2, authentication: {type: Simple, secretRef: "
            + "{name: .., key: x}}}",
            "f:9:65: spec.vrrp.authentication.secretRef.name: is '..'; allowed are lower-case letters, digits, '-' and "
            + "'.', a letter or digit first" },
        { "  priority: 100", "  priority: 100\n  vrrp: {preempt: {enabled: yes}}",
            "f:9:29: spec.vrrp.preempt.enabled: 'yes' is a word that some programs take for true or false; write true "
            + "or false, or put it in quotes" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {}, tcp: {port: 80}}",
            "f:9:3: spec.probe: must have exactly one of http, tcp and process" },
        { "  priority: 100", "  priority: 100\n  probe: {}",
            "f:9:3: spec.probe: must have exactly one of http, tcp and process" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {expectedStatus: 399-200}}",
            "f:9:18: spec.probe.http.expectedStatus: is '399-200'; allowed is a status or a range from 100 to 599, "
            + "such as 200 or 200-399" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {path: 'a b'}}", "f:9:18: spec.probe.http.path: must start with '/' and have only printable ASCII characters without blanks" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {httpHeaders: [{name: 'a b', value: c}]}}",
            "f:9:33: spec.probe.http.httpHeaders[0].name: may have letters, digits, '-' and '_'" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {httpHeaders: [{name: connection, value: close}]}}",
            "f:9:33: spec.probe.http.httpHeaders[0].name: is connection, which the probe sets itself" },
        { "  priority: 100", "  priority: 100\n  probe: {http: {httpHeaders: [{name: a, value: \"b\\r\\nc\"}]}}",
            "f:9:42: spec.probe.http.httpHeaders[0].value: may have printable ASCII characters" },
        { "  priority: 100", "  priority: 100\n  probe: {tcp: {port: 80}, interval: 10ms}",
            "f:9:28: spec.probe.interval: is 10ms; allowed is 100ms to 1h" },
        { "  priority: 100", "  priority: 100\n  probe: {tcp: {port: 80}, onFailure: demote}",
            "f:9:28: spec.probe.onFailure: is 'demote'; allowed is Release or Demote" },
        { "  priority: 100", "  priority: 100\n  probe: {tcp: {port: 80}, onFailure: Demote, weight: 253}",
            "f:9:47: spec.probe.weight: is 253; allowed is less than the priority, 100, from which it is taken" },
        { "  priority: 100", "  priority: 50\n  probe: {tcp: {port: 80}, onFailure: Demote}",
            "f:9:3: spec.probe.weight: is 50 if not given; allowed is less than the priority, 50, from which it is "
            + "taken" },
        { "  priority: 100", "  priority: 100\n  probe: {process: {name: ' x'}}",
            "f:9:21: spec.probe.process.name: is ' x'; allowed are 1 to 15 printable ASCII characters, as in "
            + "/proc/PID/comm" },
        { "  priority: 100", "  priority: 100\n  peers: [{addresses: [224.0.0.18]}]",
            "f:9:24: spec.peers[0].addresses[0]: is 224.0.0.18; allowed is an address of one host" },
        { "  priority: 100", "  priority: 100\n  peers: [{addresses: [10.0.0.1, 10.0.0.2]}]",
            "f:9:34: spec.peers[0].addresses[1]: is the second address of its family; allowed is one of each" },
        { "  priority: 100", "  priority: 100\n  priority: 90", "f:9:3: 'priority' stands here a second time" },
        { "  priority: 100", "  priority: 100\n  <<: {a: 1}", "f:9:3: is a merge key; write the fields out instead" },
        { "  priority: 100", "  priority: !!int 100", "f:8:13: has a tag; tags are not allowed here" },
        { "kind: VirtualIPMember", "kind: VirtualIP", "f:2:1: kind: is 'VirtualIP'; allowed is VirtualIPMember" },
        { "  name: web", "  name: Web",
            "f:4:3: metadata.name: is 'Web'; allowed are lower-case letters, digits, '-' and '.', a "
            + "letter or digit first" },
    };

    [Theory]
    [InlineData("255.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("0.1.2.3")]
    [InlineData("224.0.0.18")]
    [InlineData("'::1'")]
    [InlineData("192.168.1.255/24")]
    [InlineData("192.168.1.127/25")]
    [InlineData("10.0.0.7/30")]
    [InlineData("172.19.255.255/14")]
    [InlineData("10.255.255.255/8")]
    [InlineData("127.255.255.255/1")]
    public void Parse_AddressThatNoHostCanHave_IsRefused(string address) =>
        Assert.StartsWith("f:6:15: spec.addresses[0]: is ", Assert.Single(ConfigurationFile.Parse(
            "f", Minimal.Replace("192.168.1.108/32", address, StringComparison.Ordinal)).Problems),
            StringComparison.Ordinal);

    /// <summary>What the definition of VirtualIP lets in too.</summary>
    [Theory]
    [InlineData("192.168.1.0, 192.168.2.0/32, 192.168.3.0/31, '2001:db8::/127', '2001:db8:1::/128'")]
    [InlineData("192.168.1.255, 192.168.2.255/32, 192.168.3.255/31, 192.168.1.254/24, 192.168.4.127/24")]
    [InlineData("10.0.0.6/30, 10.255.255.254/8, 10.1.2.255/16, 169.254.1.1/16, '2001:db8::ffff/112', 'fe80::1'")]
    public void Parse_AddressesOfHosts_AreTaken(string addresses) => Assert.Empty(ConfigurationFile.Parse(
        "f", Minimal.Replace("192.168.1.108/32", addresses, StringComparison.Ordinal)).Problems);

    [Theory]
    [InlineData("vrrp: {announcementRefresh: 0s, addressLifetime: 0s}")]
    [InlineData("vrrp: {announcementRefresh: 24h, addressLifetime: 1m1s}")]
    [InlineData("vrrp: {announcementRefresh: 1s, addressLifetime: 2s}")]
    [InlineData("vrrp: {advertisementInterval: 500ms, addressLifetime: 1s}")]
    [InlineData("probe: {tcp: {port: 80}, onFailure: Demote, weight: 99}")]
    [InlineData("probe: {process: {name: 'nginx: master'}}")]
    public void Parse_LimitsAndWhatIsWithin_AreTaken(string field) =>
        Assert.Empty(ConfigurationFile.Parse("f", $"{Minimal}\n  {field}\n").Problems);

    [Theory]
    [MemberData(nameof(Faults))]
    public void Parse_Fault_IsReportedWithItsPlaceAndWhatIsAllowed(string line, string replacement, string expected)
    {
        ConfigurationFile file = ConfigurationFile.Parse(
            "f", Minimal.Replace(line, replacement, StringComparison.Ordinal));

        Assert.Contains(expected, file.Problems);
        Assert.Empty(file.Members);
    }

    [Fact]
    public void Parse_UnknownField_IsReportedWithTheKnownOnes()
    {
        ConfigurationFile file = ConfigurationFile.Parse("f", Minimal + "\n  vrrp: {advertInterval: 1s}\n");

        Assert.Equal(
            "f:9:10: spec.vrrp.advertInterval: is unknown; known here are addressLifetime, advertisementInterval, "
            + "announcementRefresh, authentication, preempt, transport, version, virtualMac",
            Assert.Single(file.Problems));
    }

    [Fact]
    public void Parse_SeveralFaults_ReportsThemAllInTheOrderOfTheFile()
    {
        ConfigurationFile file = ConfigurationFile.Parse(
            "f",
            """
            apiVersion: v1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [nowhere]
              virtualRouterId: 0
              priority: high
            """);

        Assert.Equal(
            ["f:1:1", "f:5:15", "f:6:3", "f:7:3"],
            file.Problems.Select(p => p[..p.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Parse_BrokenSyntax_IsReportedWithItsPlace()
    {
        Assert.StartsWith("f:2:8: is not YAML: ",
            Assert.Single(ConfigurationFile.Parse("f", "a: b\nkind:\tc: d\n").Problems), StringComparison.Ordinal);
        Assert.StartsWith(
            "f:1:13: is not YAML", Assert.Single(ConfigurationFile.Parse("f", "apiVersion: [a\nkind: b\n").Problems),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyText_EndsInMembersOrProblems() =>
        Gen.String[Gen.Char["ab:-[]{}#&*!|>'\"%@` \n\t,0"], 0, 40].Sample(text =>
        {
            ConfigurationFile file = ConfigurationFile.Parse("f", text);
            return file.Members.IsEmpty && !file.Problems.IsEmpty;
        });

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n---\n---\n")]
    public void Parse_NoDocument_IsRefused(string text) =>
        Assert.Equal("f:1:1: there is no document; at least one VirtualIPMember is needed",
            Assert.Single(ConfigurationFile.Parse("f", text).Problems));

    [Fact]
    public void Parse_AliasesThatMultiply_AreRefused()
    {
        string text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
        for (char name = 'b'; name <= 'i'; name++)
            text += $"{name}: &{name} [{string.Join(", ", Enumerable.Repeat("*" + (char)(name - 1), 10))}]\n";

        ConfigurationFile file = ConfigurationFile.Parse("f", text);

        Assert.Equal(
            "f:1:1: has more than 20000 values when its aliases are written out", Assert.Single(file.Problems));
    }

    [Fact]
    public void Parse_NestingWithoutEnd_IsRefused() =>
        Assert.Contains("nested deeper than 32 levels",
            Assert.Single(ConfigurationFile.Parse("f", new string('[', 10_000)).Problems), StringComparison.Ordinal);

    [Fact]
    public void Parse_TheSameNameTwice_IsRefused() =>
        Assert.Contains(
            "metadata.name: default/web stands at line 4 already",
            Assert.Single(ConfigurationFile.Parse("f", Minimal + "\n---\n" + Minimal).Problems),
            StringComparison.Ordinal);

    [Fact]
    public void Parse_TheSameIdTwiceOnALink_IsRefused()
    {
        string other = Minimal.Replace("name: web", "name: mail", StringComparison.Ordinal)
            .Replace("108", "109", StringComparison.Ordinal);

        Assert.Contains(
            "spec.virtualRouterId: is 51, which default/web uses on the same link already",
            Assert.Single(ConfigurationFile.Parse("f", Minimal + "\n---\n" + other).Problems),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_DocumentTakenFromACluster_IsUnderstood()
    {
        string text = Minimal.Replace("  name: web", "  name: web\n  uid: 7d0\n  generation: 3\n  creationTimestamp: "
            + "2026-01-01T00:00:00Z\n  managedFields: []", StringComparison.Ordinal)
            + "\nstatus: {state: Active}\n";

        Assert.Empty(ConfigurationFile.Parse("f", text).Problems);
    }

    [Fact]
    public void Load_FileThatIsNotThere_SaysSo() =>
        Assert.StartsWith("/nowhere/f:1:1: the file cannot be read",
            Assert.Single(ConfigurationFile.Load("/nowhere/f").Problems), StringComparison.Ordinal);

    [Fact]
    public void Load_FileThatIsTooLargeOrNoText_SaysSo()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[ConfigurationFile.LargestBytes + 1]);
            Assert.Equal(
                $"{path}:1:1: the file is larger than 1024 KiB", Assert.Single(ConfigurationFile.Load(path).Problems));
            File.WriteAllBytes(path, [0xff, 0xfe, 0x00]);
            Assert.Equal($"{path}:1:1: the file is not UTF-8", Assert.Single(ConfigurationFile.Load(path).Problems));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
