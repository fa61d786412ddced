using System.Globalization;
using System.Text;
using VipOperator.Api;

namespace VipOperator.Agent.Probes;

/// <summary>Passes when a process of that name lives (proc(5), /proc/PID/comm) and is no zombie.</summary>
internal sealed class ProcessProbe(ProcessProbeSpec spec, string procDirectory = "/proc") : IProbe
{
    // The kernel's names have 15 bytes and a line end.
    private readonly byte[] _buffer = new byte[512];
    private readonly byte[] _name = Encoding.UTF8.GetBytes(spec.Name);
    private string? _lastFound;

    public string Description => $"process {spec.Name}";

    public Task<ProbeOutcome> RunAsync(bool passing, CancellationToken cancellationToken)
    {
        if (_lastFound is null || !Matches(_lastFound))
            _lastFound = Directory.EnumerateDirectories(procDirectory).FirstOrDefault(d => IsProcess(d) && Matches(d));
        return Task.FromResult(_lastFound is not null
            ? ProbeOutcome.Success
            : new ProbeOutcome(
                ProbeOutcomeKind.Gone, $"no process {spec.Name} is there (does the pod share its process namespace?)"));
    }

    public Task? HoldAsync(CancellationToken cancellationToken) => null;

    public void Dispose()
    {
    }

    private static bool IsProcess(string directory) =>
        int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // "PID (name) STATE …"; the name may have parentheses itself, so its end is the last one (proc(5)).
    private bool Matches(string directory)
    {
        try
        {
            using FileStream file = new(
                directory + "/stat", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            ReadOnlySpan<byte> stat = _buffer.AsSpan(0, file.Read(_buffer));
            int open = stat.IndexOf((byte)'(');
            int close = stat.LastIndexOf((byte)')');
            return open > 0 && close > open && close + 2 < stat.Length
                && stat[(open + 1)..close].SequenceEqual(_name)
                && stat[close + 2] is not ((byte)'Z' or (byte)'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
