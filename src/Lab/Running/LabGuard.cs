using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Running;

/// <summary>
/// Cleans up after a lab whose keeper is killed. It is a shell that reads from a pipe which the keeper holds; when the
/// pipe ends without the guard having been dismissed, it becomes <c>vip-lab down</c>.
/// </summary>
internal sealed class LabGuard : IAsyncDisposable
{
    private readonly ChildProcess _shell;

    private LabGuard(ChildProcess shell) => _shell = shell;

    public static LabGuard Post(string lab) => new(ChildProcess.Start(new ChildProcessSpec
    {
        Name = "guard",
        Program = "sh",
        Arguments = ["-c", "read -r _ || exec \"$@\" >/dev/null 2>&1", "sh", Self.Program, "down", "--name", lab],
    }));

    /// <summary>Dismisses it.</summary>
    public ValueTask DisposeAsync() => _shell.DisposeAsync();
}
