using System.Text.Json;
using CsCheck;
using VipOperator.Sidecar.Logging;

namespace VipOperator.Sidecar.Tests;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 8, 30, 0, TimeSpan.Zero);

    [Fact]
    public void End_AfterFields_IsALineOfTheFormThatTheAgentHas()
    {
        LogLine line = new(new byte[LogLine.Longest], Time, 10, "Transition", LogLevel.Information, "web is Active");
        line.Field("Vrid", 51);
        line.Field("To", "Active");

        Assert.Equal(
            "{\"time\":\"2026-11-23T08:30:00.000Z\",\"level\":\"information\",\"event\":10,\"name\":\"Transition\","
            + "\"message\":\"web is Active\",\"Vrid\":51,\"To\":\"Active\"}\n",
            System.Text.Encoding.UTF8.GetString(line.End()));
    }

    [Fact]
    public void End_AsText_IsALineForPeopleWithoutFields()
    {
        LogLine line = new(
            new byte[LogLine.Longest], Time, 10, "Transition", LogLevel.Warning, "web\nis Active", asText: true);
        line.Field("Vrid", 51);

        Assert.Equal("2026-11-23T08:30:00.000Z warning     sidecar: web is Active\n",
            System.Text.Encoding.UTF8.GetString(line.End()));
    }

    /// <summary>Whatever the texts, also longer ones than fit: one line of valid JSON.</summary>
    [Fact]
    public void AnyText_IsOneLineOfJson() =>
        Gen.Select(Gen.String[0, 3000], Gen.String[0, 3000]).Sample((message, value) =>
    {
        LogLine line = new(new byte[LogLine.Longest], Time, 1, "Name", LogLevel.Warning, message);
        line.Field("First", value);
        line.Field("Second", value);
        ReadOnlySpan<byte> written = line.End();

        Assert.InRange(written.Length, 1, LogLine.Longest);
        Assert.Equal(written.Length - 1, written.IndexOf((byte)'\n'));
        Utf8JsonReader reader = new(written);
        while (reader.Read())
        {
        }
    });
}
