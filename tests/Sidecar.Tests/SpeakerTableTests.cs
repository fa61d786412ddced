using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class SpeakerTableTests
{
    private readonly SpeakerTable _speakers = new();
    private readonly List<int> _appeared = [];

    public SpeakerTableTests() => _speakers.Appeared += _appeared.Add;

    [Fact]
    public void Note_TheSameAgain_IsCountedAndToldOnce()
    {
        Note(1);
        Note(1);

        Assert.Equal(1, _speakers.Count);
        Assert.Equal(2UL, _speakers[0].Count);
        Assert.Equal(3, _speakers[0].Version);
        Assert.Equal(new Priority(100), _speakers[0].Priority);
        Assert.Equal([0], _appeared);
    }

    [Fact]
    public void Note_ForgedSpeakersWithoutEnd_StaysBoundedAndTellsFew()
    {
        for (uint source = 0; source < 10_000; source++)
            Note(source);

        Assert.Equal(SpeakerTable.Capacity, _speakers.Count);
        // A second may begin while the packets come.
        Assert.InRange(_appeared.Count, SpeakerTable.MostNewInWindow, 10 * SpeakerTable.MostNewInWindow);
    }

    [Fact]
    public void Note_TooShortForAnId_IsNoted()
    {
        _speakers.Note(2, [], Context(1), DropReason.Length);

        Assert.Equal(0, _speakers[0].RouterId);
        Assert.Equal(0, _speakers[0].Version);
    }

    private void Note(uint source) =>
        _speakers.Note(2, [0x31, 7, 100, 1], Context(source), DropReason.UnknownVirtualRouterId);

    private static PacketContext Context(uint source) =>
        new() { Source = IpAddress.V4(source), Destination = MulticastGroup.V4, TimeToLive = 255 };
}
