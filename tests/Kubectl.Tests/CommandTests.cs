using System.Diagnostics;
using System.Text;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Kubectl.Tests;

/// <summary>Each command against an API server with the operator, and sidecars that the test plays.</summary>
public sealed class CommandTests(ApiServerFixture fixture)
{
    private const string Spec = "addresses: [192.168.1.108], virtualRouterId: 51";

    private readonly Plugin _plugin = new(fixture);

    [Fact]
    public async Task Status_ShowsWhoIsActive_TheRanksAndWhatIsWrong()
    {
        (TestCluster cluster, TestOperator @operator) = await ReadyAsync();
        await using TestOperator running = @operator;

        (int exitCode, string output, string errors) = await _plugin.RunAsync("status", "-n", cluster.Namespace);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith($"web  192.168.1.108  virtual router id 51  {cluster.NodeName("a")} is Active since ", output,
            StringComparison.Ordinal);
        Assert.Matches($@"  {cluster.NodeName("a")}  Active  +\d+s +254 +Disabled  \S", output);
        Assert.Matches(
            $@"  {cluster.NodeName("b")}  Backup  +\d+s +253 +Disabled  Behind {cluster.NodeName("a")}", output);
        Assert.DoesNotContain("!", output, StringComparison.Ordinal);

        await cluster.ReportAsync("web", "b", "Fault");
        (_, output, _) = await _plugin.RunAsync("-n", cluster.Namespace, "status", "web");
        Assert.Contains($"! {cluster.NodeName("b")}: Fault: Test\n", output, StringComparison.Ordinal);

        (exitCode, output, _) = await _plugin.RunAsync("status", "-A");
        Assert.Equal(0, exitCode);
        Assert.Contains($"{cluster.Namespace}/web  ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfAVirtualIPWithoutPods_SaysWhatToType()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddVirtualIPAsync("web", Spec);
        Assert.Contains("The operator has not looked at it yet",
            (await _plugin.RunAsync("status", "-n", cluster.Namespace)).Output, StringComparison.Ordinal);

        await using TestOperator running = await cluster.StartOperatorAsync();
        await cluster.ConditionBecomesAsync("web", "Assigned", "False", "NoEligiblePods");

        (int exitCode, string output, _) = await _plugin.RunAsync("status", "-n", cluster.Namespace);
        Assert.Equal(0, exitCode);
        Assert.Contains("nobody is Active", output, StringComparison.Ordinal);
        Assert.Contains("! not Assigned (NoEligiblePods): No pod of this namespace matches the selector.", output,
            StringComparison.Ordinal);
        Assert.Contains(
            $"    kubectl get pods -n {cluster.Namespace} -l app=nginx -o wide\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongInput_Ends2_AndSaysWhatIsAllowed()
    {
        (int exitCode, _, string errors) = await _plugin.RunAsync("status", "web", "-A");
        Assert.Equal(2, exitCode);
        Assert.Contains("give -n NAMESPACE", errors, StringComparison.Ordinal);

        (exitCode, _, errors) = await _plugin.RunAsync("move", "web");
        Assert.Equal(2, exitCode);
        Assert.Contains("NODE", errors, StringComparison.Ordinal);
        Assert.Contains("--clear", errors, StringComparison.Ordinal);

        (exitCode, _, errors) = await _plugin.RunAsync("move", "web", "node1", "--wait", "--timeout", "soon");
        Assert.Equal(2, exitCode);
        Assert.Contains("such as 30s", errors, StringComparison.Ordinal);

        (exitCode, _, errors) = await _plugin.RunAsync("evacuate", "no-such-node");
        Assert.Equal(2, exitCode);
        Assert.Contains("There is no node no-such-node", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatKubectlRefuses_IsSaidInItsWords()
    {
        (int exitCode, _, string errors) = await _plugin.RunAsync("status", "no-such-name", "-n", "default");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Error from server (NotFound): virtualips.vipoperator.io \"no-such-name\" not found", errors,
            StringComparison.Ordinal);

        // No cluster there; and that flags are handed on.
        (exitCode, _, errors) = await _plugin.RunAsync("status", "--server", "https://127.0.0.1:1");
        Assert.Equal(1, exitCode);
        Assert.Contains("127.0.0.1:1", errors, StringComparison.Ordinal);

        (exitCode, _, errors) = await _plugin.RunAsync("status", "--context", "nowhere");
        Assert.Equal(1, exitCode);
        Assert.Contains("nowhere", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Move_AsksForTheNode_WaitsUntilItIsActive_AndClears()
    {
        (TestCluster cluster, TestOperator @operator) = await ReadyAsync();
        await using TestOperator running = @operator;

        (int wrong, _, string allowed) = await _plugin.RunAsync("move", "web", "elsewhere", "-n", cluster.Namespace);
        Assert.Equal(2, wrong);
        Assert.Contains(
            $"web has no member on elsewhere; it has one on {cluster.NodeName("a")}, {cluster.NodeName("b")}.", allowed,
            StringComparison.Ordinal);

        Task<(int ExitCode, string Output, string Errors)> move =
            _plugin.RunAsync("move", "web", cluster.NodeName("b"), "-n", cluster.Namespace, "--wait");
        await cluster.ConditionBecomesAsync("web", "Placed", "False", "HandingOver");
        Assert.False(move.IsCompleted);
        await cluster.ReportAsync("web", "a", "Backup");
        await cluster.ReportAsync("web", "b", "Active");

        (int exitCode, string output, string errors) = await move;
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains($"web: {cluster.NodeName("b")} is to take the addresses from {cluster.NodeName("a")}.\n",
            output, StringComparison.Ordinal);
        Assert.Contains($"web: {cluster.NodeName("b")} has the addresses", output, StringComparison.Ordinal);

        Assert.Equal(0, (await _plugin.RunAsync("move", "web", "--clear", "-n", cluster.Namespace)).ExitCode);
        Assert.Null((await cluster.VirtualIPAsync("web"))["metadata"]!["annotations"]?["vipoperator.io/active-node"]);
    }

    [Fact]
    public async Task Evacuate_SaysWhatBlocks_WaitsUntilTheNodeIsFree_AndIsUndone()
    {
        (TestCluster cluster, TestOperator @operator) = await TwoNodesAsync();
        await using TestOperator running = @operator;
        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ReportAsync("web", "b", "Fault");
        await cluster.ConditionBecomesAsync("web", "Placed", "True", "Placed");

        (int blocked, string told, string why) = await _plugin.RunAsync(
            "evacuate", cluster.NodeName("a"), "-n", cluster.Namespace, "--wait", "--timeout", "10s");
        Assert.Equal(1, blocked);
        Assert.Contains("It has not come about within 10s:", why, StringComparison.Ordinal);
        Assert.Contains("no other member can take them", told, StringComparison.Ordinal);

        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ConditionBecomesAsync("web", "Placed", "False", "HandingOver");
        using Process wait = _plugin.Start("evacuate", cluster.NodeName("a"), "-n", cluster.Namespace, "--wait");
        Assert.Contains("is to hand its addresses over",
            await wait.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains(
            $"{cluster.Namespace}/web: ",
            await wait.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await cluster.ReportAsync("web", "a", "Backup");
        await cluster.ReportAsync("web", "b", "Active");
        string rest = await wait.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await wait.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, wait.ExitCode);
        Assert.Contains($"on {cluster.NodeName("b")} now\n", rest, StringComparison.Ordinal);
        Assert.EndsWith($"No address is on {cluster.NodeName("a")}.\n", rest, StringComparison.Ordinal);

        Assert.Equal(0, (await _plugin.RunAsync("evacuate", cluster.NodeName("a"), "--undo")).ExitCode);
        await cluster.ConditionBecomesAsync("web", "Placed", "True", "Placed");
    }

    [Fact]
    public async Task StatusWatched_WithoutATerminal_AppendsALineForEachChange()
    {
        (TestCluster cluster, TestOperator @operator) = await ReadyAsync();
        await using TestOperator running = @operator;
        using Process watch = _plugin.Start("status", "web", "-n", cluster.Namespace, "-w");
        string first = await LineWithAsync(watch, "web  ");
        Assert.Contains("is Active since", first, StringComparison.Ordinal);
        await LineWithAsync(watch, "Behind");

        await cluster.ReportAsync("web", "a", "Backup");

        Assert.Contains(
            $"web: {cluster.NodeName("a")} Active → Backup", await LineWithAsync(watch, "→"), StringComparison.Ordinal);
        await cluster.DeleteVirtualIPAsync("web");
        await LineWithAsync(watch, "web: deleted");
        await EndAsync(watch);
    }

    // As when it goes between kubectl's get and its watch, of which that then never tells.
    [Fact]
    public async Task StatusWatched_ADeletionOfWhichNoWatchTells_IsNoticed()
    {
        (TestCluster cluster, TestOperator @operator) = await TwoNodesAsync();
        await using TestOperator running = @operator;
        string front = Directory.CreateTempSubdirectory("kubectl-vip-").FullName;
        try
        {
            string silent = Path.Combine(front, "kubectl");
            await File.WriteAllTextAsync(
                silent, $"#!/bin/sh\ncase \" $* \" in *\" --watch \"*) exec sleep 600 ;; esac\nexec "
                    + $"{Plugin.Kubectl} \"$@\"\n",
                TestContext.Current.CancellationToken);
            File.SetUnixFileMode(silent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using Process watch = new Plugin(fixture)
            { Front = front }.Start("status", "web", "-n", cluster.Namespace, "-w");
            await LineWithAsync(watch, "web  ");

            await cluster.DeleteVirtualIPAsync("web");

            await LineWithAsync(watch, "web: deleted");
            await EndAsync(watch);
        }
        finally
        {
            Directory.Delete(front, recursive: true);
        }
    }

    /// <summary>script (util-linux) makes the terminal.</summary>
    [Fact]
    public async Task StatusWatched_OnATerminal_IsRedrawnWithinItsSize()
    {
        (TestCluster cluster, TestOperator @operator) = await ReadyAsync();
        await using TestOperator running = @operator;
        using Process watch = _plugin.StartOnTerminal(
            rows: 4, columns: 60, "status", "web", "-n", cluster.Namespace, "-w");
        string page = await PageAsync(watch);
        Assert.StartsWith("web  ", page, StringComparison.Ordinal);
        Assert.Contains("more lines", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Count(c => c == '\n'));
        Assert.All(page.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 59));

        await cluster.ReportAsync("web", "a", "Backup");
        await cluster.ReportAsync("web", "b", "Active");
        while (!(await PageAsync(watch)).Replace("\r\n    ", "", StringComparison.Ordinal)
            .Contains($"{cluster.NodeName("b")} is Active", StringComparison.Ordinal))
        {
        }

        await EndAsync(watch);
    }

    [Fact]
    public async Task Capture_AsksTheSidecarsOfAllMembers_AndSaysWhoHeardNothing()
    {
        (TestCluster cluster, TestOperator @operator) = await TwoNodesAsync();
        await using TestOperator running = @operator;
        string front = Directory.CreateTempSubdirectory("kubectl-front-").FullName;
        try
        {
            string sent = """{"time":"2026-01-01T00:00:01.5+00:00","interfaceName":"eth0","what":"sent","source":"192.168.1.103","destination":"224.0.0.18","version":3,"virtualRouterId":51,"priority":254,"interval":"1s","authentication":"None","addresses":["192.168.1.108"],"missed":0}""";
            string foreign = """{"time":"2026-01-01T00:00:01.6+00:00","interfaceName":"eth0","what":"dropped","reason":"UnknownVirtualRouterId","source":"192.168.1.9","destination":"224.0.0.18","version":2,"virtualRouterId":7,"priority":100,"missed":0}""";
            File.WriteAllText(Path.Combine(front, "kubectl"), $"""
                #!/bin/sh
                [ "$1" = exec ] || exec {Plugin.Kubectl} "$@"
                echo "$@" >> {front}/calls
                case "$*" in
                  *"pod-a -c vip-sidecar -- vip-sidecar capture --duration 2s -o json"*) for i in 1 2 3; do echo '{sent}'; done ;;
                  *) echo '{foreign}' ;;
                esac
                """);
            File.SetUnixFileMode(Path.Combine(front, "kubectl"), (UnixFileMode)0b111_101_101);

            (int exitCode, string output, string errors) =
                await new Plugin(fixture)
                { Front = front }.RunAsync("capture", "-n", cluster.Namespace, "--duration", "2s");

            Assert.Equal((0, ""), (exitCode, errors));
            Assert.Equal(2, File.ReadAllLines(Path.Combine(front, "calls")).Length);
            Assert.Contains(
                $"00:00:01.500  {cluster.NodeName("a")}  sent     eth0  192.168.1.103 > 224.0.0.18  VRRPv3  id 51  "
                + $"priority 254  every 1s  192.168.1.108\n",
                output, StringComparison.Ordinal);
            Assert.Contains("dropped (UnknownVirtualRouterId)", output, StringComparison.Ordinal);
            Assert.Contains($"{cluster.NodeName("a")} sent 3, took 0\n", output, StringComparison.Ordinal);
            Assert.Contains(
                $"! {cluster.NodeName("b")} heard none of the 3 advertisements that {cluster.NodeName("a")} sent",
                output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(front, recursive: true);
        }
    }

    [Fact]
    public async Task Import_TurnsKeepalivedConfIntoVirtualIPs_WithoutACluster()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file,
                """
                vrrp_instance VI_1 {
                    state MASTER
                    interface eth0
                    virtual_router_id 51
                    priority 100
                    virtual_ipaddress {
                        192.168.1.108
                    }
                }
                """,
                TestContext.Current.CancellationToken);

            (int exitCode, string output, string errors) = await _plugin.RunAsync(
                "import", $"node1={file}", "-n", "web");

            Assert.True(exitCode is 0 or 1, errors);
            Assert.Contains("kind: VirtualIP", output, StringComparison.Ordinal);
            Assert.Contains("virtualRouterId: 51", output, StringComparison.Ordinal);
            Assert.Contains("vrrp_instance", errors, StringComparison.Ordinal);
            Assert.Equal(2, (await _plugin.RunAsync("import", file + ".absent")).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<(TestCluster Cluster, TestOperator Operator)> TwoNodesAsync()
    {
        TestCluster cluster = await fixture.NewClusterAsync();
        await cluster.AddNodeAsync("a", "192.168.1.103");
        await cluster.AddNodeAsync("b", "192.168.1.104");
        await cluster.AddPodAsync("pod-a", "a");
        await cluster.AddPodAsync("pod-b", "b");
        await cluster.AddVirtualIPAsync("web", Spec + ", priority: {spread: false}");
        TestOperator running = await cluster.StartOperatorAsync();
        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
        return (cluster, running);
    }

    /// <summary>With "a" Active.</summary>
    private async Task<(TestCluster Cluster, TestOperator Operator)> ReadyAsync()
    {
        (TestCluster cluster, TestOperator running) = await TwoNodesAsync();
        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ConditionBecomesAsync("web", "Ready", "True", "Ready");
        return (cluster, running);
    }

    private static Task EndAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        return process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    // What stands between "home" and "clear what is below".
    private static async Task<string> PageAsync(Process process)
    {
        StringBuilder text = new();
        char[] one = new char[1];
        while (!text.ToString().EndsWith("\u001b[J", StringComparison.Ordinal))
        {
            Assert.Equal(1, await process.StandardOutput.ReadAsync(one, TestContext.Current.CancellationToken));
            text.Append(one[0]);
        }

        string page = text.ToString();
        return page[(page.LastIndexOf("\u001b[H", StringComparison.Ordinal) + 3)..^3].Replace(
            "\u001b[K", "", StringComparison.Ordinal);
    }

    private static async Task<string> LineWithAsync(Process process, string text)
    {
        List<string> lines = [];
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        Assert.Fail($"No line with '{text}': {string.Join('\n', lines)}");
        return "";
    }
}
