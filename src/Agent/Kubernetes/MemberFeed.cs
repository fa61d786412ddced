using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using VipOperator.Api;

namespace VipOperator.Agent.Kubernetes;

/// <summary>The API server answered, but not with what was asked for.</summary>
internal sealed class ApiException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;

    /// <summary>The resourceVersion is too old (HTTP 410, or an ERROR event with that code): list again.</summary>
    public bool IsGone => status == HttpStatusCode.Gone;
}

internal enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>List and watch of this pod's members. Knows the protocol and nothing of what the objects mean.</summary>
internal sealed class MemberFeed(ApiConnection api, string memberNamespace, string podUid)
{
    private const int PageSize = 500;

    /// <summary>An object has at most 1.5 MiB in etcd; JSON may be somewhat longer.</summary>
    private const int LongestEvent = 4 * 1024 * 1024;

    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The server ends a watch after this and a random part as much again, so that not all agents come back at once.
    /// </summary>
    private const int WatchSeconds = 240;

    /// <summary>
    /// The API server sends a bookmark about each minute; where none comes the connection may be dead behind a proxy
    /// that still acknowledges our keep-alives. Beginning anew is cheap.
    /// </summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(150);

    private string Collection =>
        $"apis/{GroupVersion.Group}/{GroupVersion.Version}/namespaces/{Uri.EscapeDataString(memberNamespace)}/{VirtualIPMember.Plural}"
        + $"?labelSelector={Uri.EscapeDataString($"{WellKnown.PodUidLabel}={podUid}")}";

    /// <summary>All pages of the list.</summary>
    /// <param name="item">Called with each object; it is valid during the call only.</param>
    /// <returns>The resourceVersion to watch from.</returns>
    public async Task<string> ListAsync(Action<JsonElement> item, CancellationToken cancellationToken)
    {
        string? token = null;
        while (true)
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ListTimeout);
            string path = string.Create(CultureInfo.InvariantCulture, $"{Collection}&limit={PageSize}")
                + (token is null ? "" : "&continue=" + Uri.EscapeDataString(token));
            using HttpResponseMessage response = await SendAsync(path, limit.Token).ConfigureAwait(false);
            Stream body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            using JsonDocument page = await JsonDocument.ParseAsync(body, default, limit.Token).ConfigureAwait(false);
            JsonElement metadata = Member(page.RootElement, "metadata");
            foreach (JsonElement element in Member(page.RootElement,
                "items") is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default)
                item(element);
            token = Text(metadata, "continue");
            if (string.IsNullOrEmpty(token))
                return Text(metadata, "resourceVersion") ?? throw new ApiException(
                    HttpStatusCode.OK, "The list has no resourceVersion.");
        }
    }

    /// <summary>Watches until the server or the network ends it.</summary>
    /// <param name="seen">Called with each event; the object is valid during the call only.</param>
    public async Task WatchAsync(string resourceVersion, Action started, Action<WatchEventType, JsonElement> seen,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(ListTimeout);
        string path = Collection + "&watch=true&allowWatchBookmarks=true&resourceVersion="
            + Uri.EscapeDataString(resourceVersion)
            + "&timeoutSeconds=" + (WatchSeconds + Random.Shared.Next(WatchSeconds))
            .ToString(CultureInfo.InvariantCulture);
        using HttpResponseMessage response = await SendAsync(path, silence.Token).ConfigureAwait(false);
        started();
        Stream body = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        int length = 0;
        try
        {
            while (true)
            {
                silence.CancelAfter(LongestSilence);
                int received = await body.ReadAsync(buffer.AsMemory(length), silence.Token).ConfigureAwait(false);
                if (received == 0)
                    return;
                int searched = length;
                length += received;
                for (int end; (end = buffer.AsSpan(searched, length - searched).IndexOf((byte)'\n')) >= 0; searched = 0)
                {
                    end += searched;
                    Take(buffer.AsMemory(0, end), seen);
                    buffer.AsSpan(end + 1, length - end - 1).CopyTo(buffer);
                    length -= end + 1;
                }

                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(
                HttpStatusCode.RequestTimeout, $"Nothing came over the watch for {LongestSilence.TotalSeconds:0} s.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response =
            await api.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
            return response;
        using (response)
            throw await ReadErrorAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a failed request's metav1.Status says, shortened: it is for a log.</summary>
    public static async Task<ApiException> ReadErrorAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const int LongestMessage = 300;
        string? message = null;
        try
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            message = JsonSerializer.Deserialize(body, ApiJsonContext.Default.ApiStatus)?.Message;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // The status alone must do.
        }

        string text = string.Create(
            CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode}{(message is null ? "" : ": " + message)}");
        return new ApiException(response.StatusCode, text.Length <= LongestMessage ? text : text[..LongestMessage]);
    }

    private static void Take(ReadOnlyMemory<byte> line, Action<WatchEventType, JsonElement> seen)
    {
        if (line.Span.Trim(" \r"u8).IsEmpty)
            return;
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement item = Member(document.RootElement, "object");
        switch (Text(document.RootElement, "type"))
        {
            case "ADDED":
                seen(WatchEventType.Added, item);
                break;
            case "MODIFIED":
                seen(WatchEventType.Modified, item);
                break;
            case "DELETED":
                seen(WatchEventType.Deleted, item);
                break;
            case "BOOKMARK":
                seen(WatchEventType.Bookmark, item);
                break;
            default:
                int code = Member(item, "code") is { ValueKind: JsonValueKind.Number } number
                    && number.TryGetInt32(out int value) ? value : 500;
                throw new ApiException((HttpStatusCode)code, Text(item, "message") ?? "The watch ended by an error.");
        }
    }

    private static byte[] Grow(byte[] full)
    {
        if (full.Length >= LongestEvent)
            throw new ApiException(
                HttpStatusCode.RequestEntityTooLarge, $"A watch event is longer than {LongestEvent} bytes.");
        byte[] larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }

    public static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            ? value
            : default;
}
