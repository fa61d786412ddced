using System.Diagnostics;
using System.Globalization;

namespace VipOperator.Lab.Demo;

/// <summary>
/// Tells a person what happens, with the time since the start in front, and keeps count of what did not happen as
/// expected. On a terminal in colour and with a running clock for what takes longer than a second.
/// </summary>
internal sealed class Timeline(TextWriter output, bool terminal)
{
    private const string ClearLine = "\r\e[K";
    private static readonly TimeSpan ProgressAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminalPace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainPace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly bool _colour = terminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    private bool _progressShown;

    /// <summary>The expectations that were not met.</summary>
    public int Failures { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public static Timeline ForConsole() => new(Console.Out, !Console.IsOutputRedirected);

    public void Section(string title) => Write("\n" + Stamp() + Paint("1", title));

    public void Note(string text) => Write(Stamp() + text);

    public void Expect(bool met, string text)
    {
        if (!met)
            Failures++;
        Write(Stamp() + (met ? Paint("32", "✓ ") : Paint("31", "✗ ")) + text);
    }

    /// <summary>What another program printed.</summary>
    public void Quote(string text)
    {
        foreach (string line in text.TrimEnd().Split('\n'))
            Write(new string(' ', 10) + Paint("2", line.TrimEnd()));
    }

    public void Lines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Write("  " + line);
    }

    /// <summary>Says what is being waited for, if it takes longer than a second.</summary>
    public async Task<T> WhileAsync<T>(string what, Task<T> task)
    {
        await WhileAsync(() => what, task);
        return await task;
    }

    public async Task WhileAsync(Func<string> what, Task task)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan pause = ProgressAfter;
        while (await Task.WhenAny(task, Task.Delay(pause)) != task)
        {
            ShowProgress($"… {what()} ({Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s)");
            pause = terminal ? TerminalPace : PlainPace;
        }

        await task;
    }

    private void ShowProgress(string text)
    {
        if (!terminal)
        {
            Write(Stamp() + text);
            return;
        }

        lock (_lock)
        {
            output.Write(ClearLine + Stamp() + Paint("2", text));
            output.Flush();
            _progressShown = true;
        }
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            if (_progressShown)
                output.Write(ClearLine);
            _progressShown = false;
            output.WriteLine(line);
            output.Flush();
        }
    }

    private string Stamp() =>
        Paint("2", Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture).PadLeft(6) + " s  ");

    private string Paint(string code, string text) => _colour ? $"\e[{code}m{text}\e[0m" : text;
}
