using VipOperator.Sidecar.Linux;

namespace VipOperator.Sidecar.Tests;

public sealed class SidecarProcessTests
{
    private const int OutOfMemory = 12; // ENOMEM

    [Fact]
    public void Run_TheKernelRefusesSomething_AllStopsBeforeTheEnd()
    {
        int stops = 0;

        Assert.Throws<LinuxException>(() => SidecarProcess.RunToTheEnd(
            () => throw new LinuxException("recv", OutOfMemory, "netlink"), _ => stops++));

        Assert.Equal(1, stops);
    }

    [Fact]
    public void Run_TheKernelRefusesTheGoodbyeToo_TheFirstRefusalIsTold()
    {
        LinuxException told = Assert.Throws<LinuxException>(() => SidecarProcess.RunToTheEnd(
            () => throw new LinuxException("recv", OutOfMemory, "netlink"),
            _ => throw new LinuxException("send", OutOfMemory, "netlink")));

        Assert.Equal("recv", told.Operation);
    }

    [Fact]
    public void Run_EndsByItself_NothingIsStoppedAnew()
    {
        int stops = 0;

        Assert.Equal(3, SidecarProcess.RunToTheEnd(() => 3, _ => stops++));

        Assert.Equal(0, stops);
    }
}
