using System.Text;

namespace VipOperator.Import.Shell;

/// <summary>The files of this machine.</summary>
internal sealed class ConfigurationFiles : IConfigurationFiles
{
    /// <summary>A configuration of ten thousand routers is far below it.</summary>
    private const int LargestBytes = 16 * 1024 * 1024;

    public FileText Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
                return new FileText(null, "is a folder");
            using FileStream file = File.OpenRead(path);
            if (file.CanSeek && file.Length > LargestBytes)
                return new FileText(null, $"is larger than {LargestBytes / 1024 / 1024} MiB");
            using StreamReader reader = new(
                file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return new FileText(reader.ReadToEnd());
        }
        catch (DecoderFallbackException)
        {
            return new FileText(null, "is not UTF-8 text");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileText(null, "does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileText(null, $"cannot be read: {e.Message}");
        }
    }

    public IReadOnlyList<string> List(string folder)
    {
        try
        {
            return
            [
                .. new DirectoryInfo(folder).EnumerateFileSystemInfos()
                    .Select(f => f is DirectoryInfo || Directory.Exists(f.FullName) ? f.Name + '/' : f.Name),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
