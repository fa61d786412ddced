using System.Collections.Immutable;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class ConfigurationDiffTests
{
    private static readonly RouterConfiguration Web = Router("default/web", 51, "192.168.1.108/32");

    [Fact]
    public void Between_NothingRuns_AllStart()
    {
        ConfigurationDiff diff = Between([], [Web]);

        Assert.Equal([Web], diff.Started);
        Assert.Empty(diff.Stopped);
        Assert.Empty(diff.Updated);
        Assert.Empty(diff.Problems);
    }

    [Fact]
    public void Between_TheSameAgain_IsUpdatedAndNothingElse()
    {
        // Another agent numbers its routers anew.
        RouterConfiguration again = Web with { Handle = 9 };

        ConfigurationDiff diff = Between([Web], [again]);

        Assert.Equal([again], diff.Updated);
        Assert.Empty(diff.Started);
        Assert.Empty(diff.Stopped);
    }

    [Fact]
    public void Between_PriorityChanged_IsUpdated()
    {
        RouterConfiguration changed = Web with { Parameters = Web.Parameters with { Priority = new Priority(200) } };

        Assert.Equal([changed], Between([Web], [changed]).Updated);
    }

    [Fact]
    public void Between_OneMissing_IsStopped()
    {
        RouterConfiguration mail = Router("default/mail", 52, "192.168.1.109/32");

        ConfigurationDiff diff = Between([Web, mail], [mail]);

        Assert.Equal([RouterKey.Of(Web)], diff.Stopped);
        Assert.Equal([mail], diff.Updated);
    }

    [Fact]
    public void Between_FamiliesOfOneName_AreTwoRouters()
    {
        RouterConfiguration web6 = Router("default/web", 51, "fd00:1::108/128");

        ConfigurationDiff diff = Between([Web], [Web, web6]);

        Assert.Equal([Web], diff.Updated);
        Assert.Equal([web6], diff.Started);
        Assert.Empty(diff.Problems);
    }

    // "" and "eth0" may be one and the same link.
    [Fact]
    public void Between_LinkNamedOtherwise_IsUpdatedIfItStaysTheSame()
    {
        RouterConfiguration changed = Web with { InterfaceName = "" };

        ConfigurationDiff diff = ConfigurationDiff.Between([Web], [changed], moves: _ => false);

        Assert.Equal([changed], diff.Updated);
        Assert.Empty(diff.Stopped);
    }

    public static TheoryData<string, Func<RouterConfiguration, RouterConfiguration>> OtherRouters => new()
    {
        { "virtual router id", c =>
            c with { Parameters = c.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } } },
        { "link", c => c with { InterfaceName = "eth1" } },
        {
            "version",
            c => c with { Parameters = c.Parameters with { Version = VrrpVersion.V2,
                AdvertisementInterval = Centiseconds.FromSeconds(1) } }
        },
    };

    [Theory]
    [MemberData(nameof(OtherRouters), DisableDiscoveryEnumeration = true)]
    public void Between_AnotherRouterOnTheWire_TheOldStopsAndTheNewStarts(
        string what, Func<RouterConfiguration, RouterConfiguration> change)
    {
        Assert.NotEmpty(what);
        RouterConfiguration changed = change(Web);

        ConfigurationDiff diff = Between([Web], [changed]);

        Assert.Equal([RouterKey.Of(Web)], diff.Stopped);
        Assert.Equal([changed], diff.Started);
        Assert.Empty(diff.Updated);
    }

    [Fact]
    public void Between_InvalidChange_LeavesTheRunningOneAndSaysWhy()
    {
        RouterConfiguration invalid =
            Web with { Handle = 4, Parameters = Web.Parameters with { AdvertisementInterval = default } };

        ConfigurationDiff diff = Between([Web], [invalid]);

        Assert.Equal([Web with { Handle = 4 }], diff.Updated);
        Assert.Empty(diff.Stopped);
        ConfigureProblem problem = Assert.Single(diff.Problems);
        Assert.Equal(4U, problem.Handle);
        Assert.Contains("advertisement interval", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Between_AddressOfAnother_IsRefused()
    {
        RouterConfiguration thief = Router("default/mail", 52, "192.168.1.108/32") with { Handle = 2 };

        ConfigurationDiff diff = Between([], [Web, thief]);

        Assert.Equal([Web], diff.Started);
        Assert.Equal(
            [new ConfigureProblem(2, "addresses: 192.168.1.108 is an address of default/web as well")], diff.Problems);
    }

    [Fact]
    public void Between_SameNameAndFamilyTwice_TheSecondIsRefused()
    {
        RouterConfiguration twin = Router("default/web", 52, "192.168.1.109/32") with { Handle = 2 };

        ConfigurationDiff diff = Between([], [Web, twin]);

        Assert.Equal([Web], diff.Started);
        Assert.Equal([new ConfigureProblem(2, "default/web has more than one router for IPv4")], diff.Problems);
    }

    private static RouterConfiguration Router(string name, int id, string address)
    {
        IpPrefix prefix = IpPrefix.Parse(address);
        return new RouterConfiguration
        {
            Handle = 1,
            Name = name,
            InterfaceName = "eth0",
            Probed = true,
            Parameters = new RouterParameters
            {
                Version = VrrpVersion.V3,
                Family = prefix.Address.Family,
                VirtualRouterId = VirtualRouterId.Create(id),
                Priority = new Priority(100),
                AdvertisementInterval = Centiseconds.FromSeconds(1),
                Addresses = [prefix],
                AddressLifetime = TimeSpan.FromSeconds(3),
            },
        };
    }

    private static ConfigurationDiff Between(
        IReadOnlyList<RouterConfiguration> running, ImmutableArray<RouterConfiguration> wanted) =>
        ConfigurationDiff.Between(running, wanted, moves: _ => true);
}
