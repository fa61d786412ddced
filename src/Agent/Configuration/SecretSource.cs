using Microsoft.Extensions.Logging;

namespace VipOperator.Agent.Configuration;

/// <summary>Says when secrets are to be read again: at once where inotify tells, otherwise when tended.</summary>
/// <param name="changed">Called on any thread.</param>
internal sealed class SecretSource(SecretStore store, Action changed, ILogger log) : IDisposable
{
    private readonly DirectoryWatch _watch = new(store.Directory, withFolders: true, changed, log);

    /// <summary>Looks for changes of which no event told. To be called every few seconds.</summary>
    public void Tend()
    {
        bool missed = store.HaveChanged();
        if (missed)
            changed();
        _watch.Tend(missed);
    }

    public void Dispose() => _watch.Dispose();
}
