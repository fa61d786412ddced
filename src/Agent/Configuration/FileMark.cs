using Microsoft.Win32.SafeHandles;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// What a file looks like from outside, links followed: another mark says that it may have another content. The default
/// is a file that is not there, or cannot be looked at.
/// </summary>
internal readonly record struct FileMark(DateTime Written, DateTime Created, long Length, UnixFileMode Mode)
{
    public static FileMark Of(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.LinkTarget is null)
                return file.Exists
                    ? new FileMark(file.LastWriteTimeUtc, file.CreationTimeUtc, file.Length, file.UnixFileMode)
                    : default;
            // The times of a path are those of the link, and a link in a folder that is itself behind a link is for the
            // kernel to follow.
            using SafeFileHandle target = File.OpenHandle(path);
            return new FileMark(
                File.GetLastWriteTimeUtc(target), File.GetCreationTimeUtc(target), RandomAccess.GetLength(target),
                File.GetUnixFileMode(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return default;
        }
    }
}
