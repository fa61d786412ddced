using System.CommandLine;
using VipOperator.Operator.Configuration;

namespace VipOperator.Operator.Tests;

/// <summary>vip-operator import-keepalived, as a person calls it.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const string Good = """
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            priority PRIORITY
            authentication {
                auth_type PASS
                auth_pass 1111222
            }
            virtual_ipaddress {
                192.168.1.108
            }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vip-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_BecomeManifestsOnStandardOutput_AndAReportOnStandardError()
    {
        (int code, string output, string error) = await RunAsync(
            File("web1.conf", Good.Replace("PRIORITY", "100")), File("web2.conf", Good.Replace("PRIORITY", "99")));

        Assert.Equal(0, code);
        Assert.Contains("kind: Secret", output, StringComparison.Ordinal);
        Assert.Contains("  name: vi-1\n", output, StringComparison.Ordinal);
        Assert.Contains("{kubernetes.io/hostname: web1}", output, StringComparison.Ordinal);
        Assert.StartsWith("18 lines of 2 hosts: ", error, StringComparison.Ordinal);
        Assert.Contains("nothing waits for a decision", error, StringComparison.Ordinal);
        Assert.DoesNotContain("1111222", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_NameWhatNoFileNames()
    {
        (int code, string output, _) = await RunAsync(
            "node-a.example.org=" + File("a.conf", Good.Replace("PRIORITY", "100")),
            "node-b=" + File("b.conf", "@b-id " + Good.Replace("PRIORITY", "90").Replace("\n", "\n@b-id ")),
            "--config-id", "node-b=b-id", "--namespace", "shop", "--selector", "app=openresty,tier=edge", "--name",
            "VI_1=site", "--step", "take-over");

        Assert.Equal(0, code);
        Assert.Contains("  name: site\n  namespace: shop\n", output, StringComparison.Ordinal);
        Assert.Contains("matchLabels: {app: openresty, tier: edge}", output, StringComparison.Ordinal);
        Assert.Contains("{kubernetes.io/hostname: node-a.example.org}", output, StringComparison.Ordinal);
        Assert.Contains("highest: 101\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_IsAFileEach_AndTheSecretIsItsOwnersAlone()
    {
        string target = Path.Combine(_folder.FullName, "out");
        string report = Path.Combine(_folder.FullName, "report.txt");

        (int code, string output, string error) = await RunAsync(
            File("a.conf", Good.Replace("PRIORITY", "100")), "--output", target, "--report", report);

        Assert.Equal((0, "", ""), (code, output, error));
        Assert.Equal(["vi-1-secret.yaml", "vi-1.yaml"], Directory.GetFiles(target).Select(f => Path.GetFileName(f))
            .Order(StringComparer.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
            System.IO.File.GetUnixFileMode(Path.Combine(target, "vi-1-secret.yaml")));
        Assert.StartsWith("9 lines of 1 host: ", await System.IO.File.ReadAllTextAsync(report,
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SomethingThatWaitsForADecision_Exits1_WithTheManifests()
    {
        (int code, string output, string error) = await RunAsync(
            File("a.conf", Good.Replace("PRIORITY", "100")
                .Replace("interface eth0", "interface eth0\n notify_master /bin/x")));

        Assert.Equal(1, code);
        Assert.Contains("kind: VirtualIP", output, StringComparison.Ordinal);
        Assert.Contains("a.conf:3: approximated: notify_master /bin/x", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadInput_Exits2_WithFileLineAndReason_AndNothingElse()
    {
        string file = File("a.conf", "vrrp_instance VI_1 {\n priority 100\n");

        (int code, string output, string error) = await RunAsync(file);

        Assert.Equal((2, ""), (code, output));
        Assert.Equal($"{file}:1: the block vrrp_instance that begins here has no '}}'\n", error);
    }

    [Theory]
    [InlineData("--step is final, join or take-over.", "a.conf", "--step", "sideways")]
    [InlineData("--check-port is a number from 1 to 65535.", "a.conf", "--check-port", "0")]
    [InlineData("--selector: 'app' is not a label KEY=VALUE.", "a.conf", "--selector", "app")]
    [InlineData("--name: 'VI_1=Web' is not INSTANCE=NAME.", "a.conf", "--name", "VI_1=Web")]
    [InlineData("a.conf:1: the file a.conf does not exist", "a.conf")]
    [InlineData("Node n is named twice; a node has one file.", "n=a.conf", "n=b.conf")]
    [InlineData("--config-id names the node m, and no file is m=FILE.", "n=a.conf", "--config-id", "m=x")]
    public async Task WrongArguments_Exit2(string reason, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private string File(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    // As Program does it: a wrong argument is 2 as well.
    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        OperatorCommand command = new(
            _ => null, (_, _) => throw new InvalidOperationException("The operator itself was started."));
        ParseResult result = command.Root.Parse(["import-keepalived", .. arguments]);
        using StringWriter output = new();
        using StringWriter error = new();
        int code = await result.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (result.Errors.Count > 0 ? 2 : code, output.ToString(), error.ToString());
    }
}
