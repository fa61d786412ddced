using System.Net;
using System.Net.Sockets;
using VipOperator.Agent.Settings;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Settings;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_Nothing_RunsWithTheDefaults()
    {
        CommandLine line = Parse([]);

        Assert.Equal(AgentCommand.Run, line.Command);
        Assert.Empty(line.Errors);
        Assert.Equal("127.0.0.1:9441", line.Settings.MetricsAddress!.ToString());
        Assert.Equal("/run/vip-sidecar/agent.sock", line.Settings.SocketPath);
        Assert.Null(line.Settings.ConfigurationFile);
        Assert.True(line.Settings.PseudoHeaderChecksum);
        Assert.Equal(TimeSpan.FromSeconds(3), line.Settings.AddressLifetime.For(
            VrrpVersion.V3, Priority.AddressOwner, Centiseconds.FromSeconds(1)));
    }

    [Fact]
    public void Parse_FlagAndVariable_TheFlagWins()
    {
        CommandLine line = Parse(
            ["--state-directory", "/a", "--address-lifetime=7"],
            ("VIP_AGENT_STATE_DIRECTORY", "/b"), ("VIP_AGENT_ADDRESS_LIFETIME", "forever"), ("POD_UID", "u"));

        Assert.Equal("/a", line.Settings.StateDirectory);
        Assert.Equal(TimeSpan.FromSeconds(7), line.Settings.AddressLifetime.For(
            VrrpVersion.V3, Priority.AddressOwner, Centiseconds.FromSeconds(1)));
        Assert.Equal("u", line.Settings.PodUid);
    }

    [Fact]
    public void Parse_SettingsOfTheSidecar_AreSkipped()
    {
        List<string> arguments = ["--config", "f"];
        foreach (SidecarSetting setting in SidecarSetting.All)
        {
            arguments.Add(setting.Flag);
            if (setting.ValueName is not null)
                arguments.Add("1");
        }

        CommandLine line = Parse([.. arguments, "--log-level", "debug"]);

        Assert.Empty(line.Errors);
        Assert.Equal("f", line.Settings.ConfigurationFile);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, line.Settings.LogLevel);
    }

    [Theory]
    [InlineData("--confg", "There is no setting --confg; did you mean --config?")]
    [InlineData("--something-else", "There is no setting --something-else; --help lists them.")]
    [InlineData(
        "start", "'start' is no command; commands are status, handover and capture, --help lists the settings.")]
    [InlineData("--config", "--config needs a value: FILE.")]
    [InlineData(
        "--metrics-address=9441",
        "--metrics-address: '9441' is not allowed; allowed is ADDRESS:PORT such as 127.0.0.1:9441 or "
        + "[::]:9441, or none.")]
    [InlineData(
        "--metrics-address=127.0.0.1",
        "--metrics-address: '127.0.0.1' is not allowed; allowed is ADDRESS:PORT such as 127.0.0.1:9441 or "
        + "[::]:9441, or none.")]
    [InlineData("--metrics-address=::1", "--metrics-address: '::1' is not allowed; allowed is ADDRESS:PORT such as 127.0.0.1:9441 or [::]:9441, or none.")]
    [InlineData("--address-lifetime=0",
        "--address-lifetime: '0' is not allowed; allowed is auto, forever, or whole seconds, 1 to 86400.")]
    [InlineData("--log-format=xml", "--log-format: 'xml' is not allowed; allowed is json or text.")]
    [InlineData(
        "--kubernetes-server=host", "--kubernetes-server: 'host' is not allowed; allowed is a URL with http or https.")]
    public void Parse_WrongArgument_SaysWhatIsAllowed(string argument, string error) =>
        Assert.Equal(error, Assert.Single(Parse([argument]).Errors));

    [Theory]
    [InlineData("'status' comes too late: a command is the first argument, and there is one.",
        "--log-format", "text", "status")]
    [InlineData("'handover' comes too late: a command is the first argument, and there is one.", "status", "handover")]
    public void Parse_CommandThatIsNotFirst_IsToldToBe(string error, params string[] arguments) =>
        Assert.Equal(error, Assert.Single(Parse(arguments).Errors));

    /// <summary>"/agent.sock" and the 0 at the end leave 96 of the 108 bytes of sun_path.</summary>
    [Fact]
    public void Parse_StateDirectoryTooLongForASocket_IsRefusedWithTheLimit()
    {
        string longest = "/" + new string('s', 95);

        CommandLine fits = Parse(["--state-directory", longest]);
        CommandLine wide = Parse(["--state-directory", "/" + string.Concat(Enumerable.Repeat("ü", 48))]);

        Assert.Empty(fits.Errors);
        Assert.Equal(
            longest + "/agent.sock",
            new UnixDomainSocketEndPoint(fits.Settings.SocketPath).ToString());
        Assert.EndsWith(
            "is not allowed; allowed is a path of at most 96 bytes, because no socket's may have more than 107.",
            Assert.Single(wide.Errors), StringComparison.Ordinal);
        Assert.Single(Parse(["status", "--state-directory", longest + "s"]).Errors);
        Assert.Single(Parse([], ("VIP_AGENT_STATE_DIRECTORY", longest + "s")).Errors);
    }

    [Fact]
    public void Parse_SeveralErrors_AreAllReported() =>
        Assert.Equal(3, Parse(["--x", "--log-level", "loud"], ("VIP_AGENT_LOG_FORMAT", "xml")).Errors.Length);

    [Fact]
    public void Parse_MetricsAddress_TakesBothFamiliesAndNone()
    {
        Assert.Equal(
            new IPEndPoint(IPAddress.IPv6Any, 9441), Parse(["--metrics-address", "[::]:9441"]).Settings.MetricsAddress);
        Assert.Equal(
            new IPEndPoint(IPAddress.Any, 0), Parse(["--metrics-address", "0.0.0.0:0"]).Settings.MetricsAddress);
        Assert.Null(Parse(["--metrics-address", "none"]).Settings.MetricsAddress);
    }

    [Fact]
    public void Parse_Commands_TakeTheirOwnSettingsOnly()
    {
        Assert.True(Parse(["status", "-o", "json"]).Settings.OutputJson);
        Assert.Equal(
            TimeSpan.FromMilliseconds(1500), Parse(["handover", "--timeout", "1s500ms"]).Settings.HandoverTimeout);
        Assert.Single(Parse(["handover", "--config", "f"]).Errors,
            e => e.StartsWith("There is no setting --config", StringComparison.Ordinal));
        Assert.Equal(AgentCommand.Help, Parse(["handover", "--help"]).Command);
    }

    [Fact]
    public void Help_NamesEverySettingWithItsVariable()
    {
        string help = SettingTable.Help();

        foreach (Setting setting in SettingTable.Run)
            Assert.Contains(
                $"{setting.Flag} {setting.ValueName}  ({setting.Variable})", help, StringComparison.Ordinal);
        foreach (SidecarSetting setting in SidecarSetting.All)
            Assert.Contains(setting.Flag, help, StringComparison.Ordinal);
    }

    private static CommandLine Parse(string[] arguments, params (string Name, string Value)[] environment) =>
        CommandLine.Parse(arguments, name => environment.FirstOrDefault(v => v.Name == name).Value);
}
