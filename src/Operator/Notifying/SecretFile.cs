using System.Text;

namespace VipOperator.Operator.Notifying;

/// <summary>Files that hold a secret each; read whenever it is needed, so that a new one holds at once.</summary>
internal static class SecretFile
{
    private const int LargestBytes = 64 * 1024;

    /// <summary>Its bytes, without the line end that editors leave.</summary>
    /// <exception cref="DeliveryException">It cannot be read, or is empty.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LargestBytes];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            ReadOnlySpan<byte> content = bytes.AsSpan(0, length).TrimEnd("\r\n"u8);
            return content.Length > 0 ? content.ToArray() : throw new DeliveryException($"the file {path} is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeliveryException($"the file {path} cannot be read: {e.Message}", cause: e);
        }
    }

    /// <exception cref="DeliveryException">It cannot be read, or is empty.</exception>
    public static string ReadText(string path) => Encoding.UTF8.GetString(ReadBytes(path));
}
