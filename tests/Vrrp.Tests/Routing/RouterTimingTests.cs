namespace VipOperator.Vrrp.Tests;

public sealed class RouterTimingTests
{
    // RFC 9568 §6.1: ((256 - priority) × Active_Adver_Interval) / 256. RFC 3768 §6.1: (256 - priority) / 256 s.
    [Theory]
    [InlineData(VrrpVersion.V3, 100, 100, 609_375_000)]
    [InlineData(VrrpVersion.V3, 254, 100, 7_812_500)]
    [InlineData(VrrpVersion.V3, 255, 100, 3_906_250)]
    [InlineData(VrrpVersion.V3, 1, 100, 996_093_750)]
    [InlineData(VrrpVersion.V3, 254, 1, 78_125)]
    [InlineData(VrrpVersion.V3, 255, 1, 39_062)]
    [InlineData(VrrpVersion.V3, 1, 4095, 40_790_039_062)]
    [InlineData(VrrpVersion.V2, 99, 100, 613_281_250)]
    [InlineData(VrrpVersion.V2, 99, 25_500, 613_281_250)]
    [InlineData(VrrpVersion.V2, 254, 500, 7_812_500)]
    public void Skew_IsExactToTheNanosecond(VrrpVersion version, byte priority, int centiseconds, long expected) =>
        Assert.Equal(expected, RouterTiming.SkewNanoseconds(version, new(priority), new(centiseconds)));

    // 3 × Active_Adver_Interval + Skew_Time.
    [Theory]
    [InlineData(VrrpVersion.V3, 100, 100, 3_609_375_000)]
    [InlineData(VrrpVersion.V3, 254, 1, 30_078_125)]
    [InlineData(VrrpVersion.V3, 254, 4095, 123_169_921_875)]
    [InlineData(VrrpVersion.V2, 99, 100, 3_613_281_250)]
    [InlineData(VrrpVersion.V2, 100, 500, 15_609_375_000)]
    public void ActiveDownInterval_IsThreeIntervalsAndTheSkew(
        VrrpVersion version, byte priority, int centiseconds, long expected) =>
        Assert.Equal(expected, RouterTiming.ActiveDownNanoseconds(version, new(priority), new(centiseconds)));
}
