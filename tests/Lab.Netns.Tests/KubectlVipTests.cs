using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>
/// <c>kubectl vip</c> with real sidecars: what it moves has moved. The lab has no kubelet that could execute programs
/// in pods, so that part of kubectl alone is played by <c>vip-lab exec</c>.
/// </summary>
public sealed class KubectlVipTests : IAsyncLifetime
{
    private const string Definition =
        """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIP
        metadata: {name: web}
        spec:
          addresses: [192.168.1.108/32]
          selector: {matchLabels: {app: nginx}}
          virtualRouterId: 51
          vrrp: {advertisementInterval: 200ms}
        """;

    private readonly string _front = Directory.CreateTempSubdirectory("kubectl-front-").FullName;
    private LabProgram _lab = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await LabProgram.FindAsync();

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
        Directory.Delete(_front, recursive: true);
    }

    [Fact]
    public async Task Moves_Captures_AndEvacuates()
    {
        Assert.SkipUnless(
            File.Exists(_lab.Beside("kubectl-vip")), "artifacts/bin/kubectl-vip is not built; 'make build' does it.");
        Assert.Equal(0, (await _lab.RunAsync("up")).ExitCode);
        WriteFront();
        string kubeconfig = LabState.Read(_lab.Folder)!.Kubeconfig;
        ToolResult applied = await Tool.TryRunAsync(
            "kubectl", ["--kubeconfig", kubeconfig, "apply", "-f", "-"], Cancellation, Definition);
        Assert.True(applied.Succeeded, applied.Text);
        string status = "";
        Assert.True(
            await Wait.UntilAsync(
                async () => (status = (await VipAsync("status")).Output).Contains("is Active since",
                    StringComparison.Ordinal) && !status.Contains('!', StringComparison.Ordinal),
                TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), Cancellation),
            status);
        (string holder, string other) = status.Contains("node1 is Active", StringComparison.Ordinal)
            ? ("node1", "node2")
            : ("node2", "node1");

        ToolResult move = await VipAsync("move", "web", other, "--wait");
        Assert.True(move.Succeeded, move.Text);
        await HoldsAsync(other);

        ToolResult capture = await VipAsync("capture", "web", "--duration", "4s");
        Assert.True(capture.Succeeded, capture.Text);
        Assert.Matches($@"{other}  sent     eth0  192\.168\.1\.10[34] > 224\.0\.0\.18  VRRPv3  id 51  priority 25[34]  every 200ms  192\.168\.1\.108", capture.Output);
        Assert.Matches($"{holder}  taken    eth0", capture.Output);
        Assert.DoesNotContain("!", capture.Output, StringComparison.Ordinal);

        ToolResult evacuate = await VipAsync("evacuate", other, "--wait");
        Assert.True(evacuate.Succeeded, evacuate.Text);
        Assert.Contains($"No address is on {other}.", evacuate.Output, StringComparison.Ordinal);
        await HoldsAsync(holder);
        Assert.True((await VipAsync("evacuate", other, "--undo")).Succeeded);
        Assert.True((await VipAsync("move", "web", "--clear")).Succeeded);

        await _lab.RunAsync("down");
    }

    private async Task HoldsAsync(string node)
    {
        (_, string addresses) = await _lab.RunAsync("exec", node, "--", "ip", "-4", "addr");
        Assert.Contains("192.168.1.108/32", addresses, StringComparison.Ordinal);
    }

    private async Task<ToolResult> VipAsync(params string[] arguments)
    {
        ToolResult result = await Tool.TryRunAsync(
            _lab.Beside("kubectl-vip"), arguments, Cancellation, environment: new Dictionary<string, string>
            {
                ["KUBECONFIG"] = LabState.Read(_lab.Folder)!.Kubeconfig,
                ["PATH"] = $"{_front}:{Tool.SearchPath}",
            });
        TestContext.Current.TestOutputHelper!.WriteLine($"$ kubectl vip {string.Join(' ', arguments)}\n{result.Text}");
        return result;
    }

    private void WriteFront()
    {
        string path = Path.Combine(_front, "kubectl");
        File.WriteAllText(path, $"""
            #!/bin/sh
            [ "$1" = exec ] || exec {Tool.Find("kubectl")} "$@"
            for word; do case "$word" in nginx-*) node=$(echo "$word" | cut -d - -f 2);; esac; done
            while [ "$1" != -- ]; do shift; done
            exec {_lab.Beside("vip-lab")} exec --name {_lab.Name} "$node" "$@"
            """);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}
