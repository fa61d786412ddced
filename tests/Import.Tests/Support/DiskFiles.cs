namespace VipOperator.Import.Tests.Support;

/// <summary>A folder of the disk as the folder that an import runs in.</summary>
internal sealed class DiskFiles(string root) : IConfigurationFiles
{
    public FileText Read(string path) =>
        File.Exists(At(path)) ? new FileText(File.ReadAllText(At(path))) : new FileText(null, "does not exist");

    public IReadOnlyList<string> List(string folder) => Directory.Exists(At(folder))
        ? [.. Directory.EnumerateFileSystemEntries(At(folder))
            .Select(e => Directory.Exists(e) ? Path.GetFileName(e) + '/' : Path.GetFileName(e))]
        : [];

    private string At(string path) => Path.Combine(root, path);
}
