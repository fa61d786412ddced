using System.Net;
using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Tests.Probing;

public sealed class OwnerLogTests
{
    [Theory]
    [InlineData(
        @"[2026-11-23T08:35:35.804191] 2: eth0    inet 192.168.1.108/32 scope global dynamic eth0\       valid_lft 1sec preferred_lft 1sec",
        "192.168.1.108", true, 1795422935804191)]
    [InlineData(
        @"[2026-11-23T08:35:36.825632] Deleted 2: eth0    inet 192.168.1.108/32 scope global dynamic eth0\       valid_lft 0sec",
        "192.168.1.108", false, 1795422936825632)]
    [InlineData(
        @"[2026-11-23T08:35:37.273703] 2: eth0    inet6 fe80::67/64 scope link \       valid_lft forever preferred_lft forever",
        "fe80::67", true, 1795422937273703)]
    public void Change_IsReadFromTheMonitorsLine(string line, string address, bool held, long at) =>
        Assert.Equal(new OwnerChange(at, "node1", IPAddress.Parse(address), held), OwnerChange.Parse("node1", line));

    [Theory]
    [InlineData("")]
    [InlineData("2: eth0    inet 192.168.1.108/32 scope global eth0")]
    [InlineData("[2026-11-23T08:35:35.804191] nothing of interest")]
    [InlineData("[soon] 2: eth0    inet 192.168.1.108/32 scope global eth0")]
    public void Change_OtherLine_IsNone(string line) => Assert.Null(OwnerChange.Parse("node1", line));

    [Fact]
    public void SharedTime_IsTheTimeThatTwoHeldIt()
    {
        OwnerLog log = new();
        foreach (OwnerChange change in (OwnerChange[])
            [Change(10, "node1", true), Change(20, "node2", true), Change(50, "node1", false),
                Change(70, "node1", true), Change(75, "node2", false)])
            log.Add(change);

        Assert.Equal(TimeSpan.FromMicroseconds(30 + 5), log.SharedTime(0, 100));
        Assert.Equal(TimeSpan.FromMicroseconds(10 + 5), log.SharedTime(40, 100));
        Assert.Equal(["node1"], log.Holders);
        Assert.Equal(2, log.TakenSince(20));
        Assert.Equal(TimeSpan.FromMicroseconds(10), log.FreeTime(0, 100));
        Assert.Equal(TimeSpan.Zero, log.FreeTime(10, 100));
        Assert.Equal((75, 20), (log.LostAt("node2", 0), log.GainedAt("node2", 0)));
        Assert.Null(log.LostAt("node1", 60));
    }

    [Fact]
    public void Renewal_IsNoChange()
    {
        OwnerLog log = new();
        log.Add(Change(10, "node1", true));
        log.Add(Change(20, "node1", true));

        Assert.Null(log.GainedAt("node1", 15));
    }

    private static OwnerChange Change(long at, string host, bool held) =>
        new(at, host, IPAddress.Parse("192.168.1.108"), held);
}
