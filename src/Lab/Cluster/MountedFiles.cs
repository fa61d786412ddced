using System.Globalization;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// A volume as a kubelet fills it: the files are links through <c>..data</c> into a folder of one version, and a new
/// version comes by replacing that one link, so that a reader never sees half of it.
/// </summary>
internal static class MountedFiles
{
    private const string Current = "..data";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="ToolException">The link cannot be replaced.</exception>
    public static async Task WriteAsync(
        string folder, IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        string version = ".." + DateTime.UtcNow.ToString("yyyy_MM_dd_HH_mm_ss.fffffff", CultureInfo.InvariantCulture);
        Directory.CreateDirectory(Path.Combine(folder, version), OwnerOnly);
        foreach ((string name, byte[] content) in files)
            await File.WriteAllBytesAsync(Path.Combine(folder, version, name), content, cancellation);

        string current = Path.Combine(folder, Current);
        string? previous = new DirectoryInfo(current).LinkTarget;
        string next = current + "_tmp";
        File.CreateSymbolicLink(next, version);
        // rename(2), which File.Move spares itself for a link to a folder.
        await Tool.RunAsync("mv", ["-T", next, current], cancellation);
        foreach (string name in files.Keys.Where(n => new FileInfo(Path.Combine(folder, n)).LinkTarget is null))
            File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(Current, name));
        foreach (string stale in VisibleNames(folder).Except(files.Keys).ToList())
            File.Delete(Path.Combine(folder, stale));
        if (previous is not null)
            Directory.Delete(Path.Combine(folder, previous), recursive: true);
    }

    private static IEnumerable<string> VisibleNames(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e))
        .Where(n => !n.StartsWith("..", StringComparison.Ordinal));
}
