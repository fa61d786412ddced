using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;
using VipOperator.Api;

namespace VipOperator.Agent.Kubernetes;

/// <summary>
/// The last good configuration in a file, so that a container that is restarted while there is no API server elects all
/// the same. It holds what the API objects say, hence no secret.
/// </summary>
internal sealed class MemberCache(string stateDirectory, string podUid, TimeProvider time, ILogger log)
{
    private const int LargestBytes = 16 * 1024 * 1024;

    private readonly string _path = Path.Combine(stateDirectory, "members.json");
    private byte[] _written = [];

    /// <summary>Writes the specs unless they stand there already. The file is never seen half written.</summary>
    public void Save(IEnumerable<VirtualIPMember> members)
    {
        VirtualIPMember[] kept = [.. members.Select(m => new VirtualIPMember
        {
            Metadata = new ObjectMetadata
            {
                Name = m.Metadata.Name, Namespace = m.Metadata.Namespace, Uid = m.Metadata.Uid,
                Generation = m.Metadata.Generation,
            },
            Spec = m.Spec,
        }).OrderBy(m => m.Metadata.Name, StringComparer.Ordinal)];
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(kept, CacheJsonContext.Default.VirtualIPMemberArray);
        if (content.AsSpan().SequenceEqual(_written))
            return;
        try
        {
            Directory.CreateDirectory(stateDirectory);
            string unfinished = _path + ".new";
            using (FileStream file = new(unfinished, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                JsonSerializer.Serialize(
                    file, new CachedMembers(podUid, time.GetUtcNow(), kept), CacheJsonContext.Default.CachedMembers);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, _path, overwrite: true);
            _written = content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CacheNotWritten(log, _path, e.Message);
        }
    }

    /// <returns>null when there is none, or it is of another pod or damaged.</returns>
    public (DateTimeOffset SavedAt, IReadOnlyList<MemberEntry> Members)? Load()
    {
        try
        {
            FileInfo file = new(_path);
            if (!file.Exists)
                return null;
            if (file.Length > LargestBytes)
                throw new JsonException($"it is larger than {LargestBytes} bytes");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(_path));
            JsonElement root = document.RootElement;
            if (MemberFeed.Text(root, "podUid") != podUid)
            {
                Log.CacheNotRead(log, _path, "it belongs to another pod");
                return null;
            }

            MemberEntry[] members = [.. root.GetProperty("members").EnumerateArray()
                .Select(m => MemberReader.Read(m, strict: false)).OfType<MemberEntry>()
                .Where(m => m.Member is not null)];
            return (root.GetProperty("savedAt").GetDateTimeOffset(), members);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Log.CacheNotRead(log, _path, e.Message);
            return null;
        }
    }
}

/// <summary>The file's content.</summary>
internal sealed record CachedMembers(string PodUid, DateTimeOffset SavedAt, VirtualIPMember[] Members);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CachedMembers))]
[JsonSerializable(typeof(VirtualIPMember[]))]
internal sealed partial class CacheJsonContext : JsonSerializerContext;
