using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// The configuration file while the agent runs: read again when it changes or on request, and taken over only if all of
/// it is right.
/// </summary>
internal sealed class FileSource(string path, Action<MemberSet> apply, ILogger log) : IDisposable
{
    private DirectoryWatch? _watch;

    /// <summary>Takes over what the start has read already, then watches.</summary>
    public void Start(ConfigurationFile first)
    {
        apply(new MemberSet(path, first.Members));
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _watch = new DirectoryWatch(directory, withFolders: false, Reload, log);
    }

    public void Reload()
    {
        ConfigurationFile file = ConfigurationFile.Load(path);
        if (file.Problems.IsEmpty)
        {
            apply(new MemberSet(path, file.Members));
            return;
        }

        foreach (string problem in file.Problems)
            Log.ConfigurationFileProblem(log, problem);
        Log.ConfigurationFileRefused(log, path);
    }

    public void Dispose() => _watch?.Dispose();
}
