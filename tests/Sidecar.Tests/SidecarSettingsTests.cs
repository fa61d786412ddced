using VipOperator.Sidecar.Lifelines;
using VipOperator.Sidecar.Logging;

namespace VipOperator.Sidecar.Tests;

public sealed class SidecarSettingsTests
{
    [Fact]
    public void Read_Nothing_AreTheDefaults()
    {
        SidecarSettings settings = Read([])!;

        Assert.Equal("/opt/vip-agent", settings.AgentPath);
        Assert.Equal(50, settings.RealtimePriority);
        Assert.False(settings.RealtimePriorityIsSet);
        Assert.True(settings.LockMemory);
        Assert.True(settings.Sweep);
        Assert.Equal(new LifelinePorts(15112), settings.LifelinePorts);
        Assert.Null(settings.Subcommand);
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("1", 1)]
    [InlineData("65532", 65532)]
    public void Read_LifelinePort_IsTheFirstOfFourAnd0IsNone(string text, int? first) =>
        Assert.Equal(
            first is { } port ? new LifelinePorts(port) : null, Read(["--lifeline-port", text])!.LifelinePorts);

    [Fact]
    public void Read_FlagsAndTheAgentsOwn_TakesItsOwn()
    {
        SidecarSettings settings =
            Read(["--config", "vip.yaml", "--agent-path=/bin/agent", "--realtime-priority", "0",
                "--no-sweep", "--no-lock-memory"])!;

        Assert.Equal("/bin/agent", settings.AgentPath);
        Assert.Equal(0, settings.RealtimePriority);
        Assert.True(settings.RealtimePriorityIsSet);
        Assert.False(settings.LockMemory);
        Assert.False(settings.Sweep);
        Assert.Null(settings.Subcommand);
    }

    [Fact]
    public void Read_FlagAndVariable_TheFlagWins()
    {
        SidecarSettings? settings = SidecarSettings.Read(
            ["--realtime-priority", "7"], name => name == "VIP_SIDECAR_REALTIME_PRIORITY" ? "9" : null,
            "/opt/vip-agent", out _);

        Assert.Equal(7, settings!.RealtimePriority);
    }

    /// <summary>Both halves write one log, so both take these.</summary>
    [Fact]
    public void Read_LogSettings_AreSharedWithTheAgent()
    {
        Assert.Equal(LogLevel.Information, Read([])!.LowestLogLevel);
        Assert.False(Read([])!.LogsText);

        SidecarSettings settings = SidecarSettings.Read(
            ["--log-level", "debug"], name => name == "VIP_AGENT_LOG_FORMAT" ? "text" : null, "/opt/vip-agent", out _)!;

        Assert.Equal(LogLevel.Debug, settings.LowestLogLevel);
        Assert.True(settings.LogsText);
    }

    [Theory]
    [InlineData("VIP_SIDECAR_LIFELINE_PORT", "99999", "'99999' is not a number from 0 to 65532")]
    [InlineData("VIP_SIDECAR_NO_SWEEP", "maybe", "'maybe' is neither true nor false")]
    public void Read_WrongVariable_IsNamed(string variable, string value, string problem)
    {
        Assert.Null(SidecarSettings.Read(
            [], name => name == variable ? value : null, "/opt/vip-agent", out string said));

        Assert.Equal($"{variable}: {problem}", said);
    }

    [Theory]
    [InlineData("--realtime-priority: '100' is not a number from 0 to 99", "--realtime-priority", "100")]
    [InlineData("--realtime-priority: 'high' is not a number from 0 to 99", "--realtime-priority=high")]
    [InlineData("--lifeline-port: '65533' is not a number from 0 to 65532", "--lifeline-port", "65533")]
    [InlineData("--agent-path needs FILE", "--agent-path")]
    [InlineData("--no-sweep: 'maybe' is neither true nor false", "--no-sweep=maybe")]
    public void Read_Wrong_SaysWhatIsAllowed(string expected, params string[] arguments)
    {
        Assert.Null(SidecarSettings.Read(arguments, _ => null, "/opt/vip-agent", out string problem));

        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Read_Subcommand_IsNoted() => Assert.Equal("status", Read(["status", "-o", "json"])!.Subcommand);

    private static SidecarSettings? Read(string[] arguments) =>
        SidecarSettings.Read(arguments, _ => null, "/opt/vip-agent", out _);
}
