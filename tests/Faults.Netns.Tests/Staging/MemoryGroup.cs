using System.Diagnostics;
using System.Globalization;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>A memory cgroup, version 1 or 2.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;

    private MemoryGroup(string folder) => _folder = folder;

    private string Members => Path.Combine(_folder, "cgroup.procs");

    public static MemoryGroup CreateOrSkip(int mebibytes)
    {
        string limit = (mebibytes * 1024L * 1024L).ToString(CultureInfo.InvariantCulture);
        string name = string.Create(CultureInfo.InvariantCulture, $"vips-{Environment.ProcessId}-oom");
        foreach ((string root, string file) in new[]
        {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
        })
        {
            string folder = Path.Combine(root, name);
            try
            {
                if (!Directory.Exists(root))
                    continue;
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, file), limit);
                return new MemoryGroup(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _ = Command.Try("rmdir", folder);
            }
        }

        Assert.Skip("No memory cgroup can be made here.");
        return null!;
    }

    /// <summary>Puts a process into the group, as the one to kill first.</summary>
    public void Take(int processId)
    {
        string id = processId.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(Members, id);
        File.WriteAllText($"/proc/{id}/oom_score_adj", "1000");
    }

    /// <summary>Has another process of the group take more than there is; the kernel chooses whom to kill.</summary>
    public void Exhaust()
    {
        using Process hog = Process.Start(new ProcessStartInfo(
            "sh",
            [
                "-c",
                $"echo $$ > {Members}; echo -900 > /proc/self/oom_score_adj;"
                    + " head -c 200000000 /dev/zero | tail > /dev/null",
            ])
        {
            RedirectStandardError = true,
        })!;
        hog.WaitForExit();
    }

    public void Dispose()
    {
        // Processes that have just ended may still be listed.
        for (int i = 0; i < 100 && Command.Try("rmdir", _folder).ExitCode != 0; i++)
            Thread.Sleep(20);
    }
}
