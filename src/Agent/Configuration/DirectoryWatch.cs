using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// Says when something in a directory changed, by inotify. Kubernetes replaces a mounted volume's content by renaming a
/// symbolic link in the directory (..data), editors by renaming a file; both are seen, and several events in a row are
/// one.
/// </summary>
internal sealed class DirectoryWatch : IDisposable
{
    /// <summary>A writer gets this long to finish.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly FileSystemWatcher? _watcher;
    private readonly Timer _timer;

    /// <param name="changed">Called on a pool thread, never twice at the same time.</param>
    public DirectoryWatch(string directory, bool withFolders, Action changed, ILogger log)
    {
        Lock running = new();
        _timer = new Timer(_ =>
        {
            lock (running)
                changed();
        });
        try
        {
            _watcher = new FileSystemWatcher(directory)
            {
                IncludeSubdirectories = withFolders,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.CreationTime,
            };
            _watcher.Changed += (_, _) => Schedule();
            _watcher.Created += (_, _) => Schedule();
            _watcher.Deleted += (_, _) => Schedule();
            _watcher.Renamed += (_, _) => Schedule();
            // Events may have been lost, so look.
            _watcher.Error += (_, _) => Schedule();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            _watcher?.Dispose();
            _watcher = null;
            Log.WatchFailed(log, directory, e.Message);
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _timer.Dispose();
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
