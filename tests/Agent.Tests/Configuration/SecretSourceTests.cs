using Microsoft.Extensions.Logging.Abstractions;
using VipOperator.Agent.Configuration;
using VipOperator.Api;

namespace VipOperator.Agent.Tests.Configuration;

/// <summary>Changes of mounted secrets of which inotify does not tell.</summary>
public sealed class SecretSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-tests-");
    private readonly SecretStore _store;
    private volatile string? _value;

    public SecretSourceTests() => _store = new SecretStore(Path.Combine(_folder.FullName, "secrets"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void FolderThatComesAfterTheStart_IsFoundWhenTended()
    {
        using SecretSource source = new(_store, Read, NullLogger.Instance);
        Read();
        source.Tend();
        Assert.Null(_value);

        Write("first");
        source.Tend();
        Assert.Equal("first", _value);

        Write("another");
        source.Tend();
        Assert.Equal("another", _value);
    }

    /// <summary>As kubelet does it, and as after the kernel has refused to watch more.</summary>
    [Fact]
    public void Rotation_WithoutAWatch_IsFoundOnce()
    {
        string mount = Directory.CreateDirectory(Path.Combine(_store.Directory, "vrrp")).FullName;
        foreach ((string version, string password) in ((string, string)[])[("..1", "first"), ("..2", "another")])
        {
            Directory.CreateDirectory(Path.Combine(mount, version));
            File.WriteAllText(Path.Combine(mount, version, "password"), password);
        }

        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "password"), "..data/password");
        Read();
        Assert.False(_store.HaveChanged());

        File.Delete(Path.Combine(mount, "..data"));
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..2");

        Assert.True(_store.HaveChanged());
        Assert.False(_store.HaveChanged());
        Read();
        Assert.Equal("another", _value);
        Assert.False(_store.HaveChanged());
    }

    private void Read() => _value =
        _store.TryRead(new SecretKeyReference { Name = "vrrp", Key = "password" }, out byte[] value) is null
            ? System.Text.Encoding.ASCII.GetString(value)
            : null;

    private void Write(string value)
    {
        Directory.CreateDirectory(Path.Combine(_store.Directory, "vrrp"));
        File.WriteAllText(Path.Combine(_store.Directory, "vrrp", "password"), value);
    }
}
