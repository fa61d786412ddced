using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// Says when something in a directory changed, by inotify. Kubernetes replaces a mounted volume's content by renaming a
/// symbolic link in the directory (..data), editors by renaming a file; both are seen, and several events in a row are
/// one.
/// </summary>
/// <remarks>
/// It makes changes known soon, and no more: a directory may not be there yet, be replaced by another of its name, or
/// exceed what the kernel lets be watched. Whoever needs to know compares from time to time, and tends the watch.
/// </remarks>
internal sealed class DirectoryWatch : IDisposable
{
    /// <summary>A writer gets this long to finish.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly string _directory;
    private readonly bool _withFolders;
    private readonly ILogger _log;
    private readonly Timer _timer;
    private FileSystemWatcher? _watcher;
    private volatile bool _broken;
    private bool _told;

    /// <param name="changed">Called on a pool thread, never twice at the same time.</param>
    public DirectoryWatch(string directory, bool withFolders, Action changed, ILogger log)
    {
        _directory = directory;
        _withFolders = withFolders;
        _log = log;
        Lock running = new();
        _timer = new Timer(_ =>
        {
            lock (running)
                changed();
        });
        Watch();
    }

    /// <summary>Watches anew where that is called for. Not by two threads at a time.</summary>
    /// <param name="missed">Whether something changed of which no event told.</param>
    public void Tend(bool missed)
    {
        if (missed || _broken || _watcher is null)
            Watch();
        else
            _told = false;
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _timer.Dispose();
    }

    private void Watch()
    {
        _watcher?.Dispose();
        _watcher = null;
        _broken = false;
        if (!Directory.Exists(_directory))
            return;
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(_directory)
            {
                IncludeSubdirectories = _withFolders,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.CreationTime,
            };
            watcher.Changed += (_, _) => Schedule();
            watcher.Created += (_, _) => Schedule();
            watcher.Deleted += (_, _) => Schedule();
            watcher.Renamed += (_, _) => Schedule();
            // Events may have been lost, or none may come any more.
            watcher.Error += (_, e) => Fail(e.GetException());
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            watcher?.Dispose();
            Fail(e);
        }
    }

    // Once, until a watch has held from one tending to the next.
    private void Fail(Exception reason)
    {
        _broken = true;
        if (!_told)
            Log.WatchFailed(_log, _directory, reason.Message);
        _told = true;
    }

    private void Schedule()
    {
        try
        {
            _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // An event that was under way while the watch ended.
        }
    }
}
