using System.Text;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Tests.Logging;

public sealed class LineLoggerTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 8, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Json_IsALineOfTheFormThatTheSidecarHas() => Assert.Equal(
        "{\"time\":\"2026-11-23T08:30:00.000Z\",\"level\":\"information\",\"event\":602,\"name\":\"HandedOver\","
        + "\"message\":\"Handover asked for: 2 routers, 1 handed over\",\"Routers\":2,\"HandedOver\":1}\n",
        Write(LogFormat.Json));

    [Fact]
    public void Text_IsALineForPeople() => Assert.Equal(
        "2026-11-23T08:30:00.000Z information agent: Handover asked for: 2 routers, 1 handed over\n",
        Write(LogFormat.Text));

    private static string Write(LogFormat format)
    {
        StringBuilder written = new();
        LineLogger logger = new(
            line => written.Append(Encoding.UTF8.GetString(line)), format, LogLevel.Information, new FixedTime());
        Log.HandedOver(logger, routers: 2, handedOver: 1);
        return written.ToString();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Time;
    }
}
