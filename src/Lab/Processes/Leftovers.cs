using System.Globalization;
using VipOperator.Lab.Network;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Processes;

/// <summary>Removes what a lab left behind: processes, namespaces, files. Also the ordinary end of one.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Kills whatever runs in a namespace of the lab or carries its mark, then deletes namespaces and folder.
    /// </summary>
    /// <returns>How many processes and namespaces there were.</returns>
    /// <exception cref="ToolException">Something cannot be removed.</exception>
    public static async Task<(int Processes, int Namespaces)> SweepAsync(LabFolder folder)
    {
        IReadOnlyList<string> namespaces = await NetworkSegment.FindNamespacesAsync(folder.Lab, CancellationToken.None);
        int killed = await KillProcessesAsync(folder.Mark, namespaces);
        foreach (string ns in namespaces)
            await Tool.RunAsync("ip", ["netns", "delete", ns], CancellationToken.None);
        if (Directory.Exists(folder.Path))
            Directory.Delete(folder.Path, recursive: true);
        DeleteRootIfEmpty();
        return (killed, namespaces.Count);
    }

    private static void DeleteRootIfEmpty()
    {
        try
        {
            Directory.Delete(LabFolder.Root);
        }
        catch (IOException)
        {
            // There are other labs, or there never was one.
        }
    }

    private static async Task<int> KillProcessesAsync(string? mark, IReadOnlyList<string> namespaces)
    {
        HashSet<int> seen = [];
        DateTime deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            // Again and again, because a process may have been about to start another one.
            HashSet<int> alive = [.. MarkedProcesses(mark), .. await ProcessesInAsync(namespaces)];
            if (alive.Count == 0)
                return seen.Count;
            if (DateTime.UtcNow > deadline)
                throw new ToolException($"These processes of the lab do not end: {string.Join(", ", alive)}.");
            seen.UnionWith(alive);
            await Tool.TryRunAsync("sh", ["-c", $"kill -s KILL {string.Join(' ', alive)}"], CancellationToken.None);
            await Task.Delay(20);
        }
    }

    private static async Task<IReadOnlyList<int>> ProcessesInAsync(IReadOnlyList<string> namespaces)
    {
        List<int> ids = [];
        foreach (string ns in namespaces)
        {
            ToolResult result = await Tool.TryRunAsync("ip", ["netns", "pids", ns], CancellationToken.None);
            ids.AddRange(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
        }

        return [.. ids.Where(id => id != Environment.ProcessId)];
    }

    private static IEnumerable<int> MarkedProcesses(string? mark)
    {
        if (mark is null)
            yield break;
        string variable = $"{ChildProcess.MarkerVariable}={mark}";
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id)
                && id != Environment.ProcessId
                && EnvironmentOf(folder).Split('\0').Contains(variable))
                yield return id;
        }
    }

    private static string EnvironmentOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is a kernel thread.
            return "";
        }
    }
}
