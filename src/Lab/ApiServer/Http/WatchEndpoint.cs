using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Objects;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>Streams a watch: one JSON document a line, each flushed at once.</summary>
internal sealed class WatchEndpoint(ObjectWatcher watcher, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>Without a timeout of its own a watch ends after 30 to 60 minutes, as in the real server.</summary>
    private static readonly TimeSpan ShortestDefault = TimeSpan.FromMinutes(30);

    public async Task HandleAsync(ApiRequest request, ResourceType type, RequestTarget target, OutputFormat format)
    {
        ListQuery query = ListQuery.Read(request, type, target, isWatch: true);
        TimeSpan timeout = query.TimeoutSeconds is { } seconds and > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 86400))
            : ShortestDefault * (1 + Random.Shared.NextDouble());
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        end.CancelAfter(timeout);

        HttpResponse response = request.Context.Response;
        response.ContentType = "application/json";
        await response.Body.FlushAsync(end.Token);
        bool isFirst = true;
        await foreach (WatchEvent e in watcher.WatchAsync(type, query, end.Token))
        {
            JsonObject line = new() { ["type"] = e.Type, ["object"] = View(e, type, format, request, isFirst) };
            isFirst = false;
            await response.Body.WriteAsync((byte[])[.. JsonText.Bytes(line), (byte)'\n'], request.Aborted);
            await response.Body.FlushAsync(request.Aborted);
        }
    }

    private JsonObject View(WatchEvent e, ResourceType type, OutputFormat format, ApiRequest request, bool isFirst)
    {
        bool isOwnKind = e.Type == "ERROR" || (e.Type == "BOOKMARK" && !format.IsTable && !format.IsPartialMetadata);
        if (isOwnKind) return e.Object.Copy();
        if (format.IsPartialMetadata) return TableRenderer.PartialMetadata(e.Object);
        if (!format.IsTable) return e.Object.Copy();
        JsonObject metadata = new() { ["resourceVersion"] = e.Object.Text("metadata", "resourceVersion") };
        // Column definitions come once; a bookmark is a table without rows.
        IEnumerable<JsonObject> rows = e.Type == "BOOKMARK" ? [] : [e.Object];
        return TableRenderer.Render(rows, type, metadata, request.Query("includeObject"), isFirst, clock.GetUtcNow());
    }
}
