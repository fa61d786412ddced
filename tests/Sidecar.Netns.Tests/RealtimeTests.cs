using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>
/// At real-time priority the loop keeps ordinary threads from running, its own process's and those of everybody else on
/// the processor. So whatever it waits for, it must wait for asleep.
/// </summary>
public sealed class RealtimeTests
{
    /// <summary>
    /// Of processor time without a call that sleeps (RLIMIT_RTTIME, setrlimit(2)), in microseconds: much more than any
    /// of the loop's work takes, and much less than the 950 ms after which the kernel lets others in for a moment.
    /// </summary>
    private const string MostAtOnce = "400000";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnOneProcessor_NeverWaitsBusily(bool virtualMac)
    {
        using TestNetwork network = new("taskset", "prlimit");
        using SidecarUnderTest sidecar = new(
            network.First, "env", "-u", "VIP_SIDECAR_REALTIME_PRIORITY", "taskset", "--cpu-list",
            FirstProcessor(), "prlimit",
            $"--rttime={MostAtOnce}:{MostAtOnce}");
        RouterConfiguration router = SidecarUnderTest.Router(100);
        router = router with { Parameters = router.Parameters with { VirtualMac = virtualMac } };
        sidecar.Agent.Configure(router);
        await sidecar.Reaches(RouterStateKind.Active);
        await sidecar.Agent.Refresh();
        if (sidecar.Agent.Process!.RealtimePriority == 0)
            Assert.Skip("This system grants no real-time priority.");
        Assert.Equal(virtualMac, network.First.VirtualLinks().Length > 0);

        sidecar.Agent.Configure();
        await Eventually.True(
            () => !network.First.Holds("192.168.1.108") && network.First.VirtualLinks().Length == 0,
            "the address and its link are removed");
        sidecar.Agent.Configure(router);
        await Eventually.True(() => network.First.Holds("192.168.1.108"), "the address is bound again");

        Assert.Equal(0, await sidecar.Stop());
    }

    private static string FirstProcessor() =>
        File.ReadLines("/proc/self/status").Single(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))
            .Split('\t', ',', '-')[1];
}
