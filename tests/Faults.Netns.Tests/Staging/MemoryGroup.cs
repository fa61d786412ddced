using System.Diagnostics;
using System.Globalization;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>A memory cgroup, version 1 or 2.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;
    private readonly string _once = Path.Combine(Path.GetTempPath(), $"vips-oom-{Guid.NewGuid():N}");

    private MemoryGroup(string folder) => _folder = folder;

    /// <summary>Write a process id into it to have the process in the group.</summary>
    public string Members => Path.Combine(_folder, "cgroup.procs");

    /// <summary>A file name for "the first one only".</summary>
    public string Once => _once;

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

    /// <summary>Has another process of the group take more than there is; the kernel chooses whom to kill.</summary>
    public void Exhaust()
    {
        using Process hog = Process.Start(new ProcessStartInfo(
            "sh", ["-c", $"echo $$ > {Members}; echo -900 > /proc/self/oom_score_adj; head -c 200000000 /dev/zero | tail > /dev/null"])
        {
            RedirectStandardError = true,
        })!;
        hog.WaitForExit();
    }

    public void Dispose()
    {
        File.Delete(_once);
        // Processes that have just ended may still be listed.
        for (int i = 0; i < 100 && Command.Try("rmdir", _folder).ExitCode != 0; i++)
            Thread.Sleep(20);
    }
}
