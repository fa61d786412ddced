using VipOperator.Churn.Netns.Tests.Support;
using VipOperator.Lab.Cluster;

namespace VipOperator.Churn.Netns.Tests;

/// <summary>What people do to a workload that serves, while a client asks it every few milliseconds.</summary>
public sealed class RollOutTests(ChurnTable table) : IAsyncLifetime
{
    private ChurnLab _lab = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _lab = await ChurnLab.StartAsync();
        await _lab.ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    [Fact]
    public async Task PlannedChanges_UnderLoad_FailNoRequest()
    {
        await _lab.SettlesAsync(_lab.Active);
        await DrainAsync();
        await EvacuateAsync();
        await MoveOnPurposeAsync();
        await RollAsync("rolling update of nginx, the Active's pod first", [_lab.Active, Other], ChurnLab.Programs);
        string updated = Directory.CreateTempSubdirectory("vip-churn-").FullName;
        foreach (string program in (string[])["vip-sidecar", "vip-agent"])
            File.Copy(Path.Combine(ChurnLab.Programs, program), Path.Combine(updated, program));
        await RollAsync("rolling update of the sidecar, the Backup's pod first", [Other, _lab.Active], updated);
        await RollOperatorAsync();
        await ChangeIdAsync();
        await ChangeAsync(
            "advertisement interval changed from 1 s to 200 ms", "{vrrp: {advertisementInterval: 200ms}}");
        await ChangeAsync("transport changed from multicast to unicast", "{vrrp: {transport: Unicast}}");
    }

    private LabNode Other => _lab.Nodes.Single(n => n != _lab.Active);

    private async Task DrainAsync()
    {
        LabNode node = _lab.Active;
        LabNode other = Other;
        await _lab.BeginAsync();
        await _lab.KubectlAsync("cordon", node.Host.Name);
        Assert.True((await node.DeletePodAsync(Cancellation)).Succeeded);
        Take(await _lab.EndAsync("drain: the Active's pod is deleted"), moves: 1);

        await _lab.KubectlAsync("uncordon", node.Host.Name);
        await node.StartPodAsync(ChurnLab.Programs, Cancellation);
        await _lab.SettlesAsync(other);
    }

    private async Task EvacuateAsync()
    {
        LabNode node = _lab.Active;
        LabNode other = Other;
        await _lab.BeginAsync();
        await _lab.KubectlAsync("annotate", "node", node.Host.Name, "vipoperator.io/evacuate=true");
        await _lab.BecomesAsync(
            async () => await _lab.StatusAsync("web") is { } status
                && ChurnLab.ConditionOf(status, "Placed") == "True"
                    && status["activeNode"]?.GetValue<string>() == other.Host.Name,
            "the status says that the addresses have moved");
        Take(await _lab.EndAsync("node of the Active evacuated by annotation"), moves: 1);

        await _lab.KubectlAsync("annotate", "node", node.Host.Name, "vipoperator.io/evacuate-");
        await _lab.SettlesAsync(other);
    }

    private async Task MoveOnPurposeAsync()
    {
        LabNode other = Other;
        await _lab.BeginAsync();
        await _lab.KubectlAsync("annotate", "vip", "web", $"vipoperator.io/active-node={other.Host.Name}");
        await _lab.SettlesAsync(other);
        Take(await _lab.EndAsync("moved on purpose by annotation"), moves: 1);
        await _lab.KubectlAsync("annotate", "vip", "web", "vipoperator.io/active-node-");
        await _lab.SettlesAsync(other);
    }

    private async Task RollAsync(string what, LabNode[] order, string programs)
    {
        bool activeLast = order[^1] == _lab.Active;
        await _lab.BeginAsync();
        await _lab.RollAsync(order, programs);
        Take(await _lab.EndAsync(what), moves: activeLast ? 1 : 2);
        await _lab.SettlesAsync(_lab.Active);
    }

    private async Task RollOperatorAsync()
    {
        LabNode active = _lab.Active;
        await _lab.BeginAsync();
        await _lab.Lab.Operator.StopAsync();
        await _lab.Lab.Operator.StartAsync();
        await _lab.KubectlAsync("annotate", "vip", "web", "example.com/note=after");
        await _lab.SettlesAsync(active);
        Take(await _lab.EndAsync("operator replaced"), moves: 0);
    }

    private async Task ChangeAsync(string what, string spec)
    {
        LabNode active = _lab.Active;
        await _lab.BeginAsync();
        await _lab.KubectlAsync("patch", "vip", "web", "--type=merge", "-p", AsJson(spec));
        await _lab.SettlesAsync(active);
        Take(await _lab.EndAsync(what), moves: 0);
    }

    // Routers of two ids do not hear each other, so the address has no owner while the last one begins anew
    // (docs/adr/0021 and 0031).
    private async Task ChangeIdAsync()
    {
        LabNode active = _lab.Active;
        await _lab.BeginAsync();
        await _lab.KubectlAsync("patch", "vip", "web", "--type=merge", "-p", """{"spec": {"virtualRouterId": 77}}""");
        await _lab.BecomesAsync(
            async () => await _lab.StatusAsync("web") is { } status
                && status["virtualRouterId"]?.GetValue<int>() == 77
                    && ChurnLab.ConditionOf(status, "Programmed") == "True",
            "all members run the new id");
        await _lab.SettlesAsync(active);
        ChurnRow row = await _lab.EndAsync("virtual router id changed");
        table.Add(row);
        Assert.Equal(1, row.Moves);
        Assert.Equal(TimeSpan.Zero, row.TwoHolders);
    }

    private static string AsJson(string flow) =>
        $"{{\"spec\": {System.Text.RegularExpressions.Regex.Replace(flow, "[A-Za-z0-9]+", "\"$0\"")}}}";

    private void Take(ChurnRow row, int moves)
    {
        table.Add(row);
        Assert.Equal(moves, row.Moves);
        Assert.Equal(TimeSpan.Zero, row.NoHolder);
    }
}
