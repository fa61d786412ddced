using System.Text;
using VipOperator.Lab.Cluster;

namespace VipOperator.Lab.Tests.Cluster;

public sealed class MountedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mounted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Files_AreLinksThroughOneLinkToTheVersion()
    {
        await WriteAsync(("password", "1111222"));

        Assert.Equal("1111222", Read("password"));
        Assert.Equal("..data/password", new FileInfo(Path.Combine(_folder, "password")).LinkTarget);
    }

    [Fact]
    public async Task NewVersion_ReplacesTheOldOneWhole()
    {
        await WriteAsync(("password", "1111222"), ("old", "x"));
        await WriteAsync(("password", "2222333"), ("new", "y"));

        Assert.Equal(("2222333", "y"), (Read("password"), Read("new")));
        Assert.False(File.Exists(Path.Combine(_folder, "old")));
        Assert.Single(Directory.GetDirectories(_folder, "..2*"));
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private Task WriteAsync(params (string Name, string Content)[] files) => MountedFiles.WriteAsync(
        _folder, files.ToDictionary(f => f.Name, f => Encoding.UTF8.GetBytes(f.Content)),
        TestContext.Current.CancellationToken);
}
