using System.Globalization;

namespace VipOperator.Bench.Failover.Speakers;

/// <summary>What the processes of a group use, by the kernel's word.</summary>
internal sealed class ProcessGroup(int id)
{
    /// <summary>Nanoseconds on a processor, by thread.</summary>
    public IReadOnlyDictionary<string, long> Times() =>
        Members().SelectMany(ThreadsOf).Select(thread => (thread, Time: TimeOf(thread)))
        .ToDictionary(t => t.thread, t => t.Time);

    /// <summary>
    /// The processor time between two calls of <see cref="Times"/>. Of a thread that ended between them, nothing is
    /// known.
    /// </summary>
    public static TimeSpan Used(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        TimeSpan.FromMicroseconds(after.Sum(t => t.Value - before.GetValueOrDefault(t.Key)) / 1000.0);

    /// <summary>In KiB, all processes together: resident (shared pages count in each), and proportional.</summary>
    public (long Resident, long Proportional) Memory()
    {
        long resident = 0;
        long proportional = 0;
        foreach (string process in Members())
        {
            foreach (string line in Read(Path.Combine(process, "smaps_rollup")).Split('\n'))
            {
                if (line.StartsWith("Rss:", StringComparison.Ordinal))
                    resident += KiB(line);
                if (line.StartsWith("Pss:", StringComparison.Ordinal))
                    proportional += KiB(line);
            }
        }

        return (resident, proportional);
    }

    // Field 5 of /proc/PID/stat; the second one, in brackets, may hold blanks.
    private IEnumerable<string> Members() => Directory.EnumerateDirectories("/proc")
        .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        .Where(folder => Read(Path.Combine(folder, "stat")) is { Length: > 0 } stat
            && int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2], CultureInfo.InvariantCulture) == id);

    private static string[] ThreadsOf(string process)
    {
        try
        {
            return Directory.GetDirectories(Path.Combine(process, "task"));
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static long TimeOf(string thread) =>
        Read(Path.Combine(thread, "schedstat")).Split(' ') is [{ Length: > 0 } time, ..]
            ? long.Parse(time, CultureInfo.InvariantCulture)
            : 0;

    private static long KiB(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return "";
        }
    }
}
