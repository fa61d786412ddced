using System.Text.Json;

namespace VipOperator.Api.Tests;

/// <summary>Durations as GEP-2257 defines them.</summary>
public sealed class GatewayDurationTests
{
    public static TheoryData<string, int> Valid => new()
    {
        { "0s", 0 },
        { "0h", 0 },
        { "1ms", 1 },
        { "100ms", 100 },
        { "1s", 1_000 },
        { "40s950ms", 40_950 },
        { "1m30s", 90_000 },
        { "30s1m", 90_000 },
        { "1h", 3_600_000 },
        { "1h1m1s1ms", 3_661_001 },
        { "10s30m1h", 5_410_000 },
        { "1s1s1s1s", 4_000 },
        { "00001s", 1_000 },
        { "99999ms", 99_999 },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void TryParse_AcceptsUpToFourNumbersWithAUnit(string text, int milliseconds)
    {
        Assert.True(GatewayDuration.TryParse(text, out GatewayDuration duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1s ")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1.5s")]
    [InlineData("1d")]
    [InlineData("1us")]
    [InlineData("1S")]
    [InlineData("100000s")]
    [InlineData("1s1s1s1s1s")]
    [InlineData("1h30")]
    [InlineData("١s")]
    public void TryParse_RefusesAllElse(string text) => Assert.False(GatewayDuration.TryParse(text, out _));

    [Theory]
    [InlineData("0ms", "0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1000ms", "1s")]
    [InlineData("61m", "1h1m")]
    [InlineData("40s950ms", "40s950ms")]
    [InlineData("100h", "100h")]
    public void ToString_IsTheShortestFormAndIsReadBack(string text, string canonical)
    {
        Assert.True(GatewayDuration.TryParse(text, out GatewayDuration duration));
        Assert.Equal(canonical, duration.ToString());
        Assert.True(GatewayDuration.TryParse(duration.ToString(), out GatewayDuration again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("\"soon\"")]
    [InlineData("5")]
    [InlineData("null")]
    public void Json_ThatIsNoDuration_IsRefusedWithWhatIsAllowed(string json)
    {
        JsonException refusal = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<GatewayDuration>(json));

        Assert.Contains("such as 1s, 1m30s or 100ms", refusal.Message, StringComparison.Ordinal);
    }
}
