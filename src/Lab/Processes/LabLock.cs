using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Processes;

/// <summary>The right to be the lab of a name. The kernel takes it back when its holder dies, however it dies.</summary>
internal sealed class LabLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private LabLock(FileStream file) => _file = file;

    /// <param name="patience">How long to wait for another holder, who may just be cleaning up.</param>
    /// <returns>null: somebody else holds it.</returns>
    /// <exception cref="ToolException">The file cannot be made.</exception>
    public static async Task<LabLock?> TryTakeAsync(LabFolder folder, TimeSpan patience, CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        while (true)
        {
            if (TryOpen(folder) is { } file)
                return new LabLock(file);
            if (DateTime.UtcNow > deadline)
                return null;
            await Task.Delay(Pause, cancellation);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream? TryOpen(LabFolder folder)
    {
        try
        {
            Directory.CreateDirectory(LabFolder.Root);
            // FileShare.None is an advisory lock (flock); the file is empty and stays.
            return new FileStream(folder.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ToolException($"{folder.LockFile} cannot be made: {e.Message}", e);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
