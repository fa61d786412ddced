using System.Text;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Tests.Configuration;

/// <summary>Changes of the configuration file, above all those of which inotify does not tell.</summary>
public sealed class FileSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-tests-");
    private readonly MemoryStream _log = new();
    private readonly LineLogger _logger;
    private volatile int _applied;
    private volatile int _virtualRouterId;

    public FileSourceTests() =>
        _logger = new LineLogger(line => _log.Write(line), LogFormat.Text, LogLevel.Trace, TimeProvider.System);

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _log.Dispose();
    }

    [Fact]
    public void FolderReplacedByAnother_IsFoundWhenTended()
    {
        string path = Write("conf/members.yaml", 51);
        using FileSource source = Start(path);
        Write("next/members.yaml", 152);
        Directory.Move(At("conf"), At("last"));
        Directory.Move(At("next"), At("conf"));

        source.Tend();
        Assert.Equal(152, _virtualRouterId);

        Write("conf/members.yaml", 53);
        source.Tend();
        Assert.Equal(53, _virtualRouterId);
    }

    [Fact]
    public void LinkIntoAnotherFolder_IsFollowedWhenTended_AndAMistakeIsSaidOnce()
    {
        string path = At("members.yaml");
        File.CreateSymbolicLink(path, Write("elsewhere/members.yaml", 51));
        using FileSource source = Start(path);

        source.Tend();
        Assert.Equal(1, _applied);
        Write("elsewhere/members.yaml", 152);
        source.Tend();
        Assert.Equal(152, _virtualRouterId);
        Write("elsewhere/members.yaml", 1153);
        source.Tend();
        source.Tend();

        Assert.Equal(2, _applied);
        Assert.Single(
            Encoding.UTF8.GetString(_log.ToArray()).Split('\n'),
            l => l.Contains("is not taken over", StringComparison.Ordinal));
    }

    /// <summary>
    /// ".." in a link is for the kernel to resolve: the folder that the link is in may be a link itself.
    /// </summary>
    [Fact]
    public void LinkInALinkedFolder_IsFollowedWhenTended()
    {
        Write("deep/down/real.yaml", 51);
        Directory.CreateDirectory(At("deep/down/conf"));
        File.CreateSymbolicLink(At("deep/down/conf/members.yaml"), "../real.yaml");
        Directory.CreateSymbolicLink(At("conf"), At("deep/down/conf"));
        using FileSource source = Start(At("conf/members.yaml"));

        Write("deep/down/real.yaml", 152);
        source.Tend();

        Assert.Equal(152, _virtualRouterId);
    }

    [Fact]
    public void FileThatChangesAfterTheStartHasReadIt_IsFoundWhenTended()
    {
        string path = Write("members.yaml", 51);
        ConfigurationFile first = ConfigurationFile.Load(path);
        Write("members.yaml", 152);
        using FileSource source = new(path, Take, _logger);
        source.Start(first);

        source.Tend();

        Assert.Equal(152, _virtualRouterId);
    }

    private FileSource Start(string path)
    {
        FileSource source = new(path, Take, _logger);
        source.Start(ConfigurationFile.Load(path));
        return source;
    }

    private void Take(MemberSet set)
    {
        _applied++;
        _virtualRouterId = set.Members.Single().Member!.Spec.VirtualRouterId;
    }

    private string At(string path) => Path.Combine(_folder.FullName, path);

    private string Write(string path, int id)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), AgentHarness.Member("web", id));
        return At(path);
    }
}
