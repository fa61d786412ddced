using System.Diagnostics;
using System.Text.Json.Nodes;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>A lab comes and goes and leaves nothing behind, however it ends.</summary>
public sealed class LabLifeTests : IAsyncLifetime
{
    private LabProgram _lab = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await LabProgram.FindAsync();

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    [Fact]
    public async Task UpAndDown_LeavesNothingBehind()
    {
        (int up, string status) = await _lab.RunAsync("up");
        Assert.Equal(0, up);
        Assert.Contains("192.168.1.103/24", status, StringComparison.Ordinal);
        Assert.Contains("export KUBECONFIG=", status, StringComparison.Ordinal);
        ToolResult nodes = await Tool.TryRunAsync(
            "kubectl", ["--kubeconfig", LabState.Read(_lab.Folder)!.Kubeconfig, "get", "nodes", "-o", "name"],
            Cancellation);
        Assert.Equal("node/node1\nnode/node2\n", nodes.Output);

        Assert.Equal(0, (await _lab.RunAsync("exec", "client", "--", "curl", "-sf", "http://192.168.1.104/")).ExitCode);
        Assert.Equal(7, (await _lab.RunAsync("exec", "node1", "--", "sh", "-c", "exit 7")).ExitCode);
        (int wrongHost, string message) = await _lab.RunAsync("exec", "node3", "--", "true");
        Assert.Equal(1, wrongHost);
        Assert.Contains("there are node1, node2, client and switch", message, StringComparison.Ordinal);

        (int sidecar, string table) = await _lab.RunAsync("exec", "node1", "--", "vip-sidecar", "status");
        Assert.Equal(0, sidecar);
        Assert.Contains("No routers are configured", table, StringComparison.Ordinal);

        // NET_ADMIN and NET_RAW for the half that touches the network, nothing for the half that parses.
        Assert.Equal(["0000000000003000", "0000000000003000"], _lab.EffectiveCapabilities("vip-sidecar"));
        Assert.True(await Wait.UntilAsync(
            () => _lab.EffectiveCapabilities("vip-agent").Count == 2, TimeSpan.FromSeconds(10), Cancellation));
        Assert.All(_lab.EffectiveCapabilities("vip-agent"), set => Assert.Equal("0000000000000000", set));

        (int down, string farewell) = await _lab.RunAsync("down");
        Assert.Equal(0, down);
        Assert.DoesNotContain("left over", farewell, StringComparison.Ordinal);
        await _lab.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task SecondUpOfTheSameName_IsRefused_AndAnotherNameIsNot()
    {
        await using LabProgram other = await LabProgram.FindAsync();
        Assert.Equal(0, (await _lab.RunAsync("up")).ExitCode);

        (int again, string message) = await _lab.RunAsync("up");
        Assert.Equal(1, again);
        Assert.Contains("is up already", message, StringComparison.Ordinal);
        Assert.Equal(0, (await other.RunAsync("up")).ExitCode);

        Assert.Equal(0, (await _lab.RunAsync("down")).ExitCode);
        Assert.Equal(0, (await other.RunAsync("status")).ExitCode);
        Assert.Equal(0, (await other.RunAsync("down")).ExitCode);
        await other.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task KeeperKilled_LabIsRemovedAllTheSame()
    {
        Assert.Equal(0, (await _lab.RunAsync("up")).ExitCode);

        await KillAsync($"{LabState.Read(_lab.Folder)!.Keeper}");

        Assert.True(await _lab.WaitUntilNothingIsLeftAsync(), string.Join('\n', await _lab.TracesAsync()));
    }

    [Fact]
    public async Task KeeperAndGuardKilled_DownRemovesWhatIsLeft_AndNothingOfALabElsewhere()
    {
        ProcessStartInfo start = new("sleep", ["1000"]);
        start.Environment[ChildProcess.MarkerVariable] = _lab.Name + ".elsewhere";
        using Process elsewhere = Process.Start(start)!;
        Assert.Equal(0, (await _lab.RunAsync("up")).ExitCode);
        string guard = Assert.Single(LabProgram.ProcessesWith("down", "--name", _lab.Name));

        await KillAsync($"{LabState.Read(_lab.Folder)!.Keeper} {guard}");
        (int status, string crashed) = await _lab.RunAsync("status");
        Assert.Equal(1, status);
        Assert.Contains("has crashed", crashed, StringComparison.Ordinal);
        Assert.NotEmpty(await _lab.TracesAsync());

        (int down, string farewell) = await _lab.RunAsync("down");
        Assert.Equal(0, down);
        Assert.Contains("left over", farewell, StringComparison.Ordinal);
        Assert.False(elsewhere.HasExited);
        elsewhere.Kill();
        await elsewhere.WaitForExitAsync(Cancellation);
        Assert.True(await _lab.WaitUntilNothingIsLeftAsync(), string.Join('\n', await _lab.TracesAsync()));
    }

    [Fact]
    public async Task Demo_EveryExpectationIsMet()
    {
        string logs = Directory.CreateTempSubdirectory("viplab-logs-").FullName;
        try
        {
            (int exitCode, string timeline) = await _lab.RunAsync("demo", "--fast", "--logs", logs);

            Assert.DoesNotContain("✗", timeline, StringComparison.Ordinal);
            Assert.Equal(0, exitCode);
            await _lab.AssertNothingIsLeftAsync();
            string[] files = Directory.GetFiles(logs);
            Assert.Contains(files, f => Path.GetFileName(f) == "node1-sidecar.log");
            // The tutorial's password is nobody's business.
            Assert.All(files, f => Assert.DoesNotContain("1111222", File.ReadAllText(f), StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(logs, recursive: true);
        }
    }

    [Fact]
    public async Task Demo_Interrupted_CleansUp()
    {
        using Process demo = _lab.Start("demo", "--fast");
        while (await demo.StandardOutput.ReadLineAsync(Cancellation) is { } line
            && !line.Contains("kubectl apply takes it", StringComparison.Ordinal))
        {
        }

        await Tool.RunAsync("sh", ["-c", $"kill -s INT {demo.Id}"], Cancellation);
        string rest = await demo.StandardOutput.ReadToEndAsync(Cancellation);
        await demo.WaitForExitAsync(Cancellation);

        Assert.Equal(130, demo.ExitCode);
        Assert.Contains("Interrupted", rest, StringComparison.Ordinal);
        await _lab.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Measure_GivesEachFaultAsJson()
    {
        using Process measure = _lab.Start("measure", "--runs", "1", "-o", "json");
        Task<string> error = measure.StandardError.ReadToEndAsync(Cancellation);
        JsonNode table = JsonNode.Parse(await measure.StandardOutput.ReadToEndAsync(Cancellation))!;
        await measure.WaitForExitAsync(Cancellation);
        TestContext.Current.TestOutputHelper!.WriteLine(await error);

        Assert.Equal(0, measure.ExitCode);
        Assert.Equal(
            ["nginxKilled", "sidecarStopped", "sidecarKilled", "sidecarKilledOldNode", "linkLost"],
            table.AsArray().Select(row => row!["name"]!.GetValue<string>()));
        Assert.All(table.AsArray(), row => Assert.Equal(1, row!["runs"]!.GetValue<int>()));
        await _lab.AssertNothingIsLeftAsync();
    }

    private static Task<string> KillAsync(string processes) =>
        Tool.RunAsync("sh", ["-c", $"kill -s KILL {processes}"], Cancellation);
}
