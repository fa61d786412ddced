using VipOperator.Api;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// Secrets as Kubernetes mounts them: a folder for each, a file for each key. Contents are handed to the sidecar and
/// nowhere else; no message quotes them.
/// </summary>
internal sealed class SecretStore(string directory)
{
    /// <summary>The longest key that is read; a password has 8 bytes, an HMAC key 64.</summary>
    private const int LargestBytes = 1024;

    private readonly Lock _gate = new();

    // Guarded by _gate: the files that were asked for, just before they were read.
    private readonly Dictionary<string, FileMark> _read = new(StringComparer.Ordinal);

    public string Directory => directory;

    /// <summary>
    /// Whether a file that was asked for is another by now, has come or has gone. It says so once: what is still of use
    /// is to be read again then.
    /// </summary>
    public bool HaveChanged()
    {
        lock (_gate)
        {
            foreach ((string path, FileMark mark) in _read)
            {
                if (FileMark.Of(path) == mark)
                    continue;
                _read.Clear();
                return true;
            }

            return false;
        }
    }

    /// <summary>Reads a key without the line end that editors and <c>echo</c> leave behind it.</summary>
    /// <returns>A problem for a person, or null and the bytes.</returns>
    public string? TryRead(SecretKeyReference reference, out byte[] value)
    {
        value = [];
        string path = Path.Combine(directory, reference.Name, reference.Key);
        lock (_gate)
            _read[path] = FileMark.Of(path);
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LargestBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestBytes)
                return $"{path} has more than {LargestBytes} bytes";
            Span<byte> content = bytes.AsSpan(0, length);
            if (content.EndsWith("\n"u8))
                content = content[..^1];
            if (content.EndsWith("\r"u8))
                content = content[..^1];
            if (content.IsEmpty)
                return $"{path} is empty";
            value = content.ToArray();
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{path} does not exist; mount key {reference.Key} of Secret {reference.Name} there";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {e.Message}";
        }
    }
}
