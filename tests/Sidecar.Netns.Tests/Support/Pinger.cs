using System.Diagnostics;
using System.Globalization;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>A client that asks an address each 10 ms and notes when it was answered.</summary>
internal sealed class Pinger : IDisposable
{
    private readonly Process _ping;
    private readonly List<double> _answers = [];

    public Pinger(Node client, string address)
    {
        _ping = Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", client.Namespace, "ping", "-n", "-D", "-i", "0.01", address])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ping.OutputDataReceived += Note;
        _ping.BeginOutputReadLine();
    }

    public int Answers
    {
        get
        {
            lock (_answers)
                return _answers.Count;
        }
    }

    /// <summary>The longest time between two answers.</summary>
    public TimeSpan LongestGap
    {
        get
        {
            lock (_answers)
                return TimeSpan.FromSeconds(_answers.Zip(_answers.Skip(1), (a, b) => b - a).DefaultIfEmpty().Max());
        }
    }

    /// <summary>Waits for this many further answers.</summary>
    public Task Answered(int more)
    {
        int target = Answers + more;
        return Eventually.True(() => Answers >= target, "the client is answered");
    }

    public void Dispose()
    {
        if (!_ping.HasExited)
            _ping.Kill();
        _ping.WaitForExit();
        _ping.Dispose();
    }

    // "[1763899496.123456] 64 bytes from …: icmp_seq=7 ttl=64 time=0.030 ms"
    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text || !text.Contains(" bytes from ", StringComparison.Ordinal)
            || text.Contains("DUP!", StringComparison.Ordinal))
            return;
        double at = double.Parse(
            text.AsSpan(1, text.IndexOf(']', StringComparison.Ordinal) - 1), CultureInfo.InvariantCulture);
        lock (_answers)
            _answers.Add(at);
    }
}
