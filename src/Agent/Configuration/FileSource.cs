using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// The configuration file while the agent runs: read again when it changes or on request, and taken over only if all of
/// it is right. Thread-safe.
/// </summary>
internal sealed class FileSource(string path, Action<MemberSet> apply, ILogger log) : IDisposable
{
    private readonly Lock _gate = new();
    private DirectoryWatch? _watch;
    private FileMark _read;

    /// <summary>Takes over what the start has read already, then watches.</summary>
    public void Start(ConfigurationFile first)
    {
        lock (_gate)
        {
            apply(new MemberSet(path, first.Members));
            _read = first.Mark;
            string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
            _watch = new DirectoryWatch(directory, withFolders: false, Reload, log);
        }
    }

    public void Reload()
    {
        lock (_gate)
        {
            ConfigurationFile file = ConfigurationFile.Load(path);
            _read = file.Mark;
            if (file.Problems.IsEmpty)
            {
                apply(new MemberSet(path, file.Members));
                return;
            }

            foreach (string problem in file.Problems)
                Log.ConfigurationFileProblem(log, problem);
            Log.ConfigurationFileRefused(log, path);
        }
    }

    /// <summary>
    /// Looks for a change of which no event told, as of a file behind a link. To be called every few seconds.
    /// </summary>
    public void Tend()
    {
        lock (_gate)
        {
            if (_watch is null)
                return;
            bool missed = FileMark.Of(path) != _read;
            if (missed)
                Reload();
            _watch.Tend(missed);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _watch?.Dispose();
    }
}
