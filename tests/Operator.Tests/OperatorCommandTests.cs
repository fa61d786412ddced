using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using VipOperator.Operator.Configuration;

namespace VipOperator.Operator.Tests;

/// <summary>Settings come from options, then from the environment, then from defaults.</summary>
public sealed class OperatorCommandTests
{
    [Fact]
    public async Task WithoutAnything_DefaultsHold()
    {
        OperatorSettings settings = await ReadAsync([], []);

        Assert.Equal(new OperatorSettings(), settings);
    }

    [Fact]
    public async Task Options_AreRead()
    {
        OperatorSettings settings = await ReadAsync(
            [
                "--kubeconfig", "/k", "--namespace", "n", "--listen", "[::1]:9", "--leader-elect", "false",
                "--lease-namespace", "l",
                "--lease-name", "m", "--lease-duration", "1m", "--gather-time", "0s", "--resync-interval", "1h",
                "--concurrent-writes", "64",
                "--notifications", "/n", "--injection", "/i", "--injection-listen", "127.0.0.1:1", "--injection-name",
                "j", "--log-level", "debug", "--log-format", "json",
            ],
            []);

        Assert.Equal(
            new OperatorSettings
            {
                KubeConfig = "/k",
                Namespace = "n",
                Listen = new IPEndPoint(IPAddress.IPv6Loopback, 9),
                LeaderElection = false,
                LeaseNamespace = "l",
                LeaseName = "m",
                LeaseDuration = TimeSpan.FromMinutes(1),
                GatherTime = TimeSpan.Zero,
                ResyncInterval = TimeSpan.FromHours(1),
                ConcurrentWrites = 64,
                NotificationsFile = "/n",
                InjectionFile = "/i",
                InjectionListen = new IPEndPoint(IPAddress.Loopback, 1),
                InjectionName = "j",
                LogLevel = LogLevel.Debug,
                LogFormat = LogFormat.Json,
            },
            settings);
    }

    [Fact]
    public async Task Environment_IsReadAndAnOptionWinsOverIt()
    {
        OperatorSettings settings = await ReadAsync(
            ["--lease-name", "from-option"],
            new()
            {
                ["VIP_OPERATOR_LEASE_NAME"] = "from-environment",
                ["VIP_OPERATOR_LEASE_DURATION"] = "20s",
                ["VIP_OPERATOR_LEADER_ELECT"] = "false",
                ["VIP_OPERATOR_NAMESPACE"] = "",
            });

        Assert.Equal("from-option", settings.LeaseName);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.LeaseDuration);
        Assert.False(settings.LeaderElection);
        Assert.Null(settings.Namespace);
    }

    [Theory]
    [InlineData("--listen", "8080", "an address and a port")]
    [InlineData("--listen", "[::1]", "an address and a port")]
    [InlineData("--injection-listen", "9443", "an address and a port")]
    [InlineData("--leader-elect", "maybe", "true or false")]
    [InlineData("--lease-duration", "2s", "a duration from 3s to 1h")]
    [InlineData("--gather-time", "1", "a duration from 0s to 10s")]
    [InlineData("--concurrent-writes", "0", "a number from 1 to 64")]
    [InlineData("--log-level", "Loud", "one of Trace, Debug, Information")]
    [InlineData("--log-level", "1", "one of Trace, Debug, Information")]
    [InlineData("--log-format", "xml", "Text or Json")]
    public void WrongValue_IsRefusedWithItsSourceAndWhatIsAllowed(string option, string value, string allowed)
    {
        string variable = "VIP_OPERATOR_" + option[2..].Replace('-', '_').ToUpperInvariant();

        ParseResult byOption = Command([]).Root.Parse([option, value]);
        ParseResult byVariable = Command(new() { [variable] = value }).Root.Parse([]);

        Assert.Contains(byOption.Errors, e => e.Message.StartsWith(option, StringComparison.Ordinal)
            && e.Message.Contains(allowed));
        Assert.Contains(byVariable.Errors, e => e.Message.StartsWith(variable, StringComparison.Ordinal)
            && e.Message.Contains(allowed));
    }

    private static OperatorCommand Command(
        Dictionary<string, string> environment, Action<OperatorSettings>? run = null) =>
        new(environment.GetValueOrDefault, (settings, _) =>
        {
            run?.Invoke(settings);
            return Task.FromResult(0);
        });

    private static async Task<OperatorSettings> ReadAsync(string[] arguments, Dictionary<string, string> environment)
    {
        OperatorSettings? read = null;
        ParseResult result = Command(environment, s => read = s).Root.Parse(arguments);
        Assert.Empty(result.Errors);
        Assert.Equal(0, await result.InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
        return read!;
    }
}
