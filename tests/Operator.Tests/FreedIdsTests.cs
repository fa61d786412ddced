using VipOperator.Operator.Reconciling;
using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Operator.Tests;

/// <summary>Which ids were in use a moment ago.</summary>
public sealed class FreedIdsTests
{
    private static VirtualIPObject VirtualIP(string uid, int id, string address = "10.0.0.1",
        string? link = null) => new()
        {
            Key = new ObjectKey("default", uid),
            Uid = uid,
            Generation = 1,
            CreatedUnixS = 0,
            Settings = new VirtualIPSettings
            {
                Addresses = [IpPrefix.Parse(address)],
                Selector = new Selector([]),
                Router = new RouterSettings(),
                InterfaceName = link,
            },
            Report = VirtualIPReport.None with { VirtualRouterId = VirtualRouterId.Create(id) },
        };

    [Fact]
    public void IdOfAVirtualIPThatGoes_RestsForFiveMinutes()
    {
        FreedIds freed = new();
        Assert.Empty(freed.Update([VirtualIP("a", 7, link: "eth0")], 0));

        RestingId expected = new(VirtualRouterId.Create(7), IpFamily.V4, "eth0", 301_000);
        Assert.Equal([expected], freed.Update([], 1000));
        Assert.Equal([expected], freed.Update([], 300_999));
        Assert.Empty(freed.Update([], 301_000));
    }

    [Fact]
    public void IdThatAVirtualIPGivesUpForAnother_Rests()
    {
        FreedIds freed = new();
        freed.Update([VirtualIP("a", 7)], 0);

        Assert.Equal([new RestingId(VirtualRouterId.Create(7), IpFamily.V4, null, 300_000)],
            freed.Update([VirtualIP("a", 8)], 0));
    }

    [Fact]
    public void FamilyThatAVirtualIPGivesUp_FreesTheIdInThatFamily()
    {
        FreedIds freed = new();
        freed.Update([VirtualIP("a", 7)], 0);

        Assert.Equal(IpFamily.V4, Assert.Single(freed.Update([VirtualIP("a", 7, "2001:db8::1")], 0)).Family);
    }

    [Fact]
    public void SpecThatMakesNoSenseForAMoment_FreesNothing()
    {
        FreedIds freed = new();
        freed.Update([VirtualIP("a", 7)], 0);

        Assert.Empty(freed.Update([VirtualIP("a", 7) with { Settings = null }], 0));
        Assert.Single(freed.Update([], 0));
    }
}
