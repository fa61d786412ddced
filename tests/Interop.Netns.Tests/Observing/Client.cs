using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Interop.Netns.Tests.Observing;

/// <summary>
/// Asks the address for an answer every <see cref="Period"/>, from a node of its own, and notes when answers come.
/// </summary>
internal sealed partial class Client : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Process _ping;
    private readonly Lock _gate = new();
    private readonly List<(DateTime At, int Number)> _answers = [];

    public Client(Node node, string address)
    {
        string period = Period.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _ping = Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", node.Namespace, "ping", "-D", "-n", "-i", period, address])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ping.OutputDataReceived += (_, line) => Take(line.Data ?? "");
        _ping.BeginOutputReadLine();
        _ping.BeginErrorReadLine();
    }

    /// <summary>The longest time between two answers that touches the span, less the period.</summary>
    public TimeSpan LongestGap(DateTime from, DateTime to)
    {
        DateTime[] times;
        lock (_gate)
            times = [.. _answers.Select(a => a.At)];
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 1; i < times.Length; i++)
        {
            if (times[i] < from || times[i - 1] > to)
                continue;
            TimeSpan gap = times[i] - times[i - 1] - Period;
            if (gap > longest)
                longest = gap;
        }

        return longest;
    }

    /// <summary>
    /// Each time without an answer that is longer than <paramref name="least"/>, less the period: when it began, and
    /// how long it was.
    /// </summary>
    public IReadOnlyList<(DateTime From, TimeSpan Length)> Gaps(DateTime from, TimeSpan least)
    {
        DateTime[] times;
        lock (_gate)
            times = [.. _answers.Select(a => a.At).Where(at => at >= from)];
        return
        [
            .. times.Skip(1).Zip(times, (next, last) => (From: last, Length: next - last - Period))
                .Where(g => g.Length > least),
        ];
    }

    /// <summary>The number of the first answer that came after a moment; null when there is none yet.</summary>
    public int? FirstAnswerAfter(DateTime time)
    {
        lock (_gate)
        {
            int at = _answers.FindIndex(a => a.At > time);
            return at < 0 ? null : _answers[at].Number;
        }
    }

    /// <summary>How many requests from one number on, up to the last answered one, got no answer.</summary>
    public int UnansweredSince(int number)
    {
        lock (_gate)
        {
            int[] numbers = [.. _answers.Select(a => a.Number).Where(n => n >= number).Distinct()];
            return numbers.Length == 0 ? int.MaxValue : numbers.Max() - number + 1 - numbers.Length;
        }
    }

    public void Dispose()
    {
        if (!_ping.HasExited)
            _ping.Kill();
        _ping.WaitForExit();
        _ping.Dispose();
    }

    private void Take(string line)
    {
        Match match = Answer().Match(line);
        if (!match.Success)
            return;
        double seconds = double.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture);
        int number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        lock (_gate)
            _answers.Add((DateTime.UnixEpoch.AddSeconds(seconds), number));
    }

    // [1795436163.116532] 64 bytes from 192.168.1.108: icmp_seq=1 ttl=64 time=0.154 ms
    [GeneratedRegex("""^\[(?<at>[0-9.]+)\] \d+ bytes from .* icmp_seq=(?<number>\d+) """)]
    private static partial Regex Answer();
}
