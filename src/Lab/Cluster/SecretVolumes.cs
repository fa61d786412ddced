using System.Text.Json.Nodes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// Mounts every Secret of the pods' namespace into every pod, a folder for each, and keeps the files up to date. While
/// the API server is away they stay as they are.
/// </summary>
internal sealed class SecretVolumes : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly ApiClient _api;
    private readonly IReadOnlyList<string> _folders;
    private readonly Dictionary<string, string> _written = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _following;

    public SecretVolumes(ApiClient api, IReadOnlyList<string> folders)
    {
        _api = api;
        _folders = folders;
        _following = FollowAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        _stopping.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                JsonNode list = await _api.GetAsync(ClusterObjects.SecretsPath, cancellation);
                await WriteAllAsync(list["items"]!.AsArray(), cancellation);
                string version = list["metadata"]!["resourceVersion"]!.GetValue<string>();
                await _api.WaitForChangeAsync(ClusterObjects.SecretsPath, version, cancellation);
            }
            catch (Exception e) when (e is ToolException or HttpRequestException or IOException)
            {
                await Task.Delay(RetryPause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The end, or a request that timed out.
            }
        }
    }

    private async Task WriteAllAsync(JsonArray secrets, CancellationToken cancellation)
    {
        foreach (JsonNode? secret in secrets)
        {
            JsonNode metadata = secret!["metadata"]!;
            string name = metadata["name"]!.GetValue<string>();
            string version = metadata["resourceVersion"]!.GetValue<string>();
            if (_written.GetValueOrDefault(name) == version)
                continue;
            Dictionary<string, byte[]> files = secret["data"]?.AsObject()
                .ToDictionary(entry =>
                    entry.Key, entry => Convert.FromBase64String(entry.Value!.GetValue<string>())) ?? [];
            foreach (string folder in _folders)
                await MountedFiles.WriteAsync(Path.Combine(folder, name), files, cancellation);
            _written[name] = version;
        }

        HashSet<string> present = [.. secrets.Select(s => s!["metadata"]!["name"]!.GetValue<string>())];
        foreach (string gone in _written.Keys.Where(name => !present.Contains(name)).ToList())
        {
            foreach (string folder in _folders)
                Directory.Delete(Path.Combine(folder, gone), recursive: true);
            _written.Remove(gone);
        }
    }
}
