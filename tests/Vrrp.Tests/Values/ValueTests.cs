namespace VipOperator.Vrrp.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("192.168.1.108")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("fe80::1")]
    [InlineData("::")]
    [InlineData("2001:db8::c0a8:16c")]
    public void Address_IsParsedAndWrittenAlike(string text)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, IpAddress.From(address.ToIPAddress()));
        Span<byte> bytes = stackalloc byte[16];
        Assert.Equal(address, IpAddress.Read(bytes[..address.Write(bytes)]));
    }

    // What some parsers read as octal, hex, abbreviated or scoped addresses.
    [Theory]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0.1.")]
    [InlineData("167772161")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("fe80::1::2")]
    [InlineData("example.org")]
    public void Address_WrittenOtherwise_IsRefused(string text)
    {
        Assert.False(IpAddress.TryParse(text, out IpAddress address));
        Assert.True(address.IsNone);
        Assert.Throws<FormatException>(() => IpAddress.Parse(text));
    }

    // RFC 9568 §6.4.3: an unsigned comparison in network order.
    [Theory]
    [InlineData("127.255.255.255", "128.0.0.0")]
    [InlineData("10.0.0.9", "10.0.0.10")]
    [InlineData("7fff:ffff::", "8000::")]
    [InlineData("fe80::ffff:ffff:ffff:ffff", "fe80:0:0:1::")]
    public void Address_IsOrderedAsAnUnsignedNumber(string lower, string higher)
    {
        Assert.True(IpAddress.Parse(lower) < IpAddress.Parse(higher));
        Assert.True(IpAddress.Parse(higher) >= IpAddress.Parse(lower));
    }

    [Theory]
    [InlineData("fe80::1", true, false)]
    [InlineData("febf::1", true, false)]
    [InlineData("fec0::1", false, false)]
    [InlineData("ff02::12", false, true)]
    [InlineData("224.0.0.18", false, true)]
    [InlineData("239.255.255.255", false, true)]
    [InlineData("240.0.0.1", false, false)]
    [InlineData("169.254.0.1", false, false)]
    public void Address_KnowsItsScope(string text, bool linkLocal, bool multicast)
    {
        IpAddress address = IpAddress.Parse(text);
        Assert.Equal(linkLocal, address.IsLinkLocal);
        Assert.Equal(multicast, address.IsMulticast);
    }

    [Theory]
    [InlineData("192.168.1.0/24", "192.168.1.255", true)]
    [InlineData("192.168.1.0/24", "192.168.2.0", false)]
    [InlineData("192.168.1.108/32", "192.168.1.109", false)]
    [InlineData("0.0.0.0/0", "255.1.2.3", true)]
    [InlineData("2001:db8::/64", "2001:db8::ffff", true)]
    [InlineData("2001:db8::/64", "2001:db8:0:1::", false)]
    [InlineData("::/0", "192.168.1.1", false)]
    public void Prefix_ContainsWhatSharesItsBits(string prefix, string address, bool expected) =>
        Assert.Equal(expected, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));

    [Theory]
    [InlineData("192.168.1.108", "192.168.1.108/32")]
    [InlineData("192.168.1.108/24", "192.168.1.108/24")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    public void Prefix_IsParsedAsAPersonWritesIt(string text, string expected) =>
        Assert.Equal(expected, IpPrefix.Parse(text).ToString());

    [Theory]
    [InlineData("192.168.1.108/33")]
    [InlineData("192.168.1.108/")]
    [InlineData("192.168.1.108/-1")]
    [InlineData("192.168.1.108/032")]
    [InlineData("192.168.1.108/ 32")]
    [InlineData("192.168.1.108/24/24")]
    [InlineData("2001:db8::1/129")]
    [InlineData("/24")]
    public void Prefix_WrittenOtherwise_IsRefused(string text) => Assert.False(IpPrefix.TryParse(text, out _));

    // RFC 9568 §7.3.
    [Theory]
    [InlineData(IpFamily.V4, 51, "00:00:5e:00:01:33")]
    [InlineData(IpFamily.V4, 255, "00:00:5e:00:01:ff")]
    [InlineData(IpFamily.V6, 1, "00:00:5e:00:02:01")]
    public void VirtualRouterMac_IsThatOfTheRfc(IpFamily family, int id, string expected) =>
        Assert.Equal(expected, MacAddress.ForVirtualRouter(family, VirtualRouterId.Create(id)).ToString());

    [Fact]
    public void Mac_IsReadAndWrittenInOrder()
    {
        byte[] bytes = [0xf2, 0x4a, 0x39, 0x71, 0xba, 0x2e];
        var written = new byte[6];
        MacAddress.Read(bytes).Write(written);
        Assert.Equal(bytes, written);
        Assert.Throws<ArgumentException>(() => MacAddress.Read([1, 2, 3]));
    }

    // RFC 9568 §5.1.1.2, §5.1.2.2.
    [Fact]
    public void Groups_AreThoseOfTheRfc()
    {
        Assert.Equal("224.0.0.18", MulticastGroup.Of(IpFamily.V4).ToString());
        Assert.Equal("ff02::12", MulticastGroup.Of(IpFamily.V6).ToString());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(-1, false)]
    public void VirtualRouterId_Is1To255(int value, bool valid) =>
        Assert.Equal(valid, VirtualRouterId.TryCreate(value, out _));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(254, true)]
    [InlineData(255, false)]
    public void Priority_Assignable_Is1To254(int value, bool valid) =>
        Assert.Equal(valid, Priority.TryCreateAssignable(value, out _));

    [Theory]
    [InlineData(VrrpVersion.V2, 99, false)]
    [InlineData(VrrpVersion.V2, 100, true)]
    [InlineData(VrrpVersion.V2, 150, false)]
    [InlineData(VrrpVersion.V2, 25_500, true)]
    [InlineData(VrrpVersion.V2, 25_600, false)]
    [InlineData(VrrpVersion.V3, 0, false)]
    [InlineData(VrrpVersion.V3, 1, true)]
    [InlineData(VrrpVersion.V3, 4095, true)]
    [InlineData(VrrpVersion.V3, 4096, false)]
    public void Interval_IsWhatTheVersionCanCarry(VrrpVersion version, int centiseconds, bool valid) =>
        Assert.Equal(valid, Centiseconds.TryCreateInterval(version, centiseconds, out _));

    [Fact]
    public void Never_StaysNeverWhateverIsAdded()
    {
        Assert.True(MonotonicTime.Never.PlusNanoseconds(1).IsNever);
        Assert.True(MonotonicTime.Never.Plus(TimeSpan.FromDays(1)).IsNever);
        Assert.Equal(MonotonicTime.Zero, MonotonicTime.Earlier(MonotonicTime.Never, MonotonicTime.Zero));
    }
}
