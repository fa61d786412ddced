using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>What a test needs of the machine; without it the test skips, and says why.</summary>
internal static class Requirements
{
    public static async Task RootAndToolsAsync(params string[] tools)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Network namespaces need root.");
        foreach (string tool in tools.Append("ip"))
            Assert.SkipWhen(Tool.Find(tool) is null, $"{tool} is not installed.");
        ToolResult trial = await Tool.TryRunAsync("unshare", ["--net", "true"], TestContext.Current.CancellationToken);
        Assert.SkipUnless(trial.Succeeded, $"This machine allows no network namespaces: {trial.Text}");
    }
}
