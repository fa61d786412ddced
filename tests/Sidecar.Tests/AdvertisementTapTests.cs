using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class AdvertisementTapTests
{
    private readonly AdvertisementTap _tap = new();
    private readonly List<(CapturedAs As, byte Version, byte Id, int Addresses, ulong Missed)> _told = [];
    private bool _takes = true;

    public AdvertisementTapTests() => _tap.Tapped = Take;

    [Fact]
    public void Closed_TellsNothing()
    {
        Hear();
        _tap.Open(TimeSpan.FromMinutes(1));
        _tap.Open(TimeSpan.Zero);
        Hear();

        Assert.Empty(_told);
    }

    [Fact]
    public void Open_TellsTheHeadOfWhatCannotBeDecoded()
    {
        _tap.Open(TimeSpan.FromMinutes(1));

        Hear();
        _tap.Received(2, [], Context, default, DropReason.Length);

        Assert.Equal(
            [(CapturedAs.Dropped, (byte)3, (byte)7, 0, 0UL), (CapturedAs.Dropped, (byte)0, (byte)0, 0, 0UL)], _told);
    }

    [Fact]
    public void Open_OwnPacketThatComesBack_IsNotToldAgain()
    {
        _tap.Open(TimeSpan.FromMinutes(1));

        _tap.Received(2, [0x31, 7, 100, 1], Context, default, DropReason.OwnPacket);

        Assert.Empty(_told);
    }

    [Fact]
    public void Flood_IsToldInPart_AndTheRestCounted()
    {
        _tap.Open(TimeSpan.FromMinutes(1));

        for (int i = 0; i < 100_000; i++)
            Hear();

        // Some seconds may begin while they come.
        Assert.InRange(_told.Count, AdvertisementTap.MostInWindow, 60 * AdvertisementTap.MostInWindow);
    }

    [Fact]
    public void WhatCouldNotBeTold_IsCounted()
    {
        _tap.Open(TimeSpan.FromMinutes(1));
        _takes = false;
        Hear();
        Hear();
        _takes = true;
        Hear();

        Assert.Equal(2UL, Assert.Single(_told).Missed);
    }

    private static PacketContext Context =>
        new() { Source = IpAddress.V4(1), Destination = MulticastGroup.V4, TimeToLive = 255 };

    private void Hear() => _tap.Received(2, [0x31, 7, 100, 1], Context, default, DropReason.Checksum);

    private bool Take(in TappedAdvertisement tapped, ulong missed)
    {
        if (_takes)
            _told.Add((tapped.As, tapped.Version, tapped.RouterId, tapped.AddressCount, missed));
        return _takes;
    }
}
