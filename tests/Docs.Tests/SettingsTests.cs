using System.Diagnostics;
using System.Text;

namespace VipOperator.Docs.Tests;

/// <summary>docs/settings.md says what the programs say of themselves.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task Settings_AreThoseOfThePrograms()
    {
        if (Environment.GetEnvironmentVariable("VIPOPERATOR_BIN") is not { Length: > 0 } programs)
        {
            Assert.Skip("VIPOPERATOR_BIN names no folder with the programs.");
            return;
        }

        StringBuilder text = new(
            """
            # Settings

            What the programs say with `--help`; made from them by `make docs`, and compared by the tests. In the charts they are values, see their READMEs, but for a few that a pod has little reason to change: `--kubeconfig` of the operator; `--config`, `--agent-path`, `--state-directory`, `--secrets-directory`, `--service-account-directory` and `--kubernetes-server` of the sidecar. The charts leave those at their defaults and mount what belongs there; `extraArgs` reaches them.

            """);
        foreach (string program in new[] { "vip-operator", "vip-sidecar" })
            text.Append($"\n## {program}\n```text\n{(await HelpAsync(Path.Combine(programs, program))).Trim()}\n```\n");
        Repository.HoldsGenerated("docs/settings.md", text.ToString());
    }

    private static async Task<string> HelpAsync(string program)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, ["--help"]) { RedirectStandardOutput = true })!;
        string help = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return string.Join('\n', help.Split('\n').Select(line => line.TrimEnd()));
    }
}
