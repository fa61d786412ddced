namespace VipOperator.Operator.Tests.Notifying;

/// <summary>A folder for the files of a test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("vip-operator-test-").FullName;

    public string Write(string name, string content)
    {
        string path = Path.Combine(_path, name);
        // As Kubernetes does it: never half of a file.
        File.WriteAllText(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    public string NewFolder(string name) =>
        Directory.CreateDirectory(Path.Combine(_path, $"{name}-{Guid.NewGuid():n}")).FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
