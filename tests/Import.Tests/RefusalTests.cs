using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>Input of which nobody can tell what was meant: nothing is imported, and each reason has its line.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(
        "vrrp_instance A {\n  interface eth0\n", "main.conf:1: the block vrrp_instance that begins here has no '}'")]
    [InlineData("vrrp_instance A {\n  virtual_ipaddress {\n 10.0.0.1\n}\n",
        "main.conf:1: the block vrrp_instance that begins here has no '}'")]
    [InlineData("global_defs {\n}\n}\n", "main.conf:3: this '}' has no '{'")]
    [InlineData("vrrp_instance A\n  interface eth0\n}\n",
        "main.conf:2: there is no '{' after vrrp_instance; keepalived goes on as if there were one")]
    [InlineData(
        "vrrp_instance A {\n  notify_master \"x\n}\n", "main.conf:2: a double quote has no second one on the line")]
    [InlineData("vrrp_instance A {\n  virtual_router_id\n}\n", "main.conf:2: virtual_router_id has no value")]
    [InlineData("global_defs {\n}\n", "main.conf:1: there is no vrrp_instance in it, so nothing to import")]
    [InlineData("", "main.conf:1: there is no vrrp_instance in it, so nothing to import")]
    [InlineData("virtual_server 10.0.0.1 80\ndelay_loop 6\n", "main.conf:2: there is no '{' after virtual_server")]
    [InlineData("a\0b", "main.conf:1: the line holds a NUL character; is this a text file?")]
    public void Input_IsRefusedWithFileAndLine(string text, string error)
    {
        ImportResult result = Import(new MemoryFiles { ["main.conf"] = text }, "main.conf");

        Assert.Equal(error, result.Errors[0]);
        Assert.Empty(result.Manifests);
        Assert.Empty(result.Findings);
    }

    [Fact]
    public void File_ThatIsNotThere_IsRefused() =>
        Assert.Equal(["gone.conf:1: the file gone.conf does not exist"], Import([], "gone.conf").Errors);

    [Fact]
    public void Error_InAnIncludedFile_NamesThatFile()
    {
        ImportResult result = Import(
            new MemoryFiles
            {
                ["main.conf"] = "vrrp_instance A {\ninclude x.inc\n}",
                ["x.inc"] = "priority 100\nvirtual_ipaddress {\n10.0.0.1\n"
            },
            "main.conf");

        // The '}' of the main file ends the addresses, and the instance has none.
        Assert.Equal(["main.conf:1: the block vrrp_instance that begins here has no '}'"], result.Errors);
    }

    [Fact]
    public void AfterAnUnknownBlock_TheRestIsReadAsKeepalivedReadsIt()
    {
        ImportResult result = Import(
            new MemoryFiles
            {
                ["main.conf"] =
                    "vrrp_instance A {\n interface eth0\n frobnicate {\n  depth 1\n }\n priority 50\n "
                    + "virtual_ipaddress {\n 10.0.0.1\n }\n}\n",
            },
            "main.conf");

        // The '}' in line 5 ends the instance, so that two are left over; keepalived 2.2.7 says the same of the same
        // lines.
        Assert.Equal(["main.conf:9: this '}' has no '{'", "main.conf:10: this '}' has no '{'"], result.Errors);
    }

    // The definition of VirtualIP would refuse the manifest.
    [Fact]
    public void BroadcastAddress_IsLeftForAPersonToDecide()
    {
        ImportResult result = Import(
            new MemoryFiles
            {
                ["main.conf"] = "vrrp_instance A {\n interface eth0\n virtual_ipaddress {\n 10.0.0.7/30\n 10.0.0.7/29\n"
                    + " 10.0.0.9/31\n }\n}\n",
            },
            "main.conf");

        Assert.Contains(
            "! main.conf:4: left: 10.0.0.7/30\n      10.0.0.7/30 is the broadcast address of its network; which "
            + "address in it was meant?", result.Report, StringComparison.Ordinal);
        Assert.Contains("addresses: [10.0.0.9/31]", Assert.Single(result.Manifests).Text, StringComparison.Ordinal);
    }

    private static ImportResult Import(MemoryFiles files, string path) =>
        KeepalivedImport.Run([new ImportHost(path)], files, new ImportOptions());
}
