using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VipOperator.Agent.Tests.Kubernetes;

/// <summary>
/// As much of an API server as the agent sees: list in pages, watch with bookmarks, apply to the status; and its ways
/// to fail: away, silent, history lost. Keeps its objects while it is away.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private const string Collection = "/apis/vipoperator.io/v1alpha1/namespaces/default/virtualipmembers";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<Channel<string>> _watches = [];
    private readonly int _port;
    private WebApplication? _app;
    private int _version = 100;
    private int _uids;

    public FakeApiServer()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _port = ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>The objects of a page; the agent must ask for more.</summary>
    public int PageSize { get; set; } = 2;

    /// <summary>Requests are taken and not answered.</summary>
    public bool Silent { get; set; }

    /// <summary>The status that patches are answered with.</summary>
    public int PatchStatus { get; set; } = 200;

    /// <summary>The name of an object whose patches are forbidden.</summary>
    public string? Forbidden { get; set; }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The status parts of the patches, with the object's name.</summary>
    public ConcurrentQueue<(string Name, JsonObject Status, DateTime At)> Patches { get; } = new();

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, _port));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    /// <summary>Away, with all connections cut.</summary>
    public async Task StopAsync()
    {
        EndWatches();
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    public void Put(string name, JsonObject spec, string podUid = "uid-1")
    {
        lock (_gate)
        {
            bool known = _objects.TryGetValue(name, out JsonObject? item);
            item ??= new JsonObject
            {
                ["apiVersion"] = "vipoperator.io/v1alpha1",
                ["kind"] = "VirtualIPMember",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = "default",
                    ["uid"] = $"member-{++_uids}",
                    ["generation"] = 0,
                    ["labels"] = new JsonObject { ["vipoperator.io/pod-uid"] = podUid },
                },
            };
            item["spec"] = spec.DeepClone();
            item["metadata"]!["generation"] = item["metadata"]!["generation"]!.GetValue<int>() + 1;
            _objects[name] = item;
            Announce(known ? "MODIFIED" : "ADDED", item);
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            _objects.Remove(name, out JsonObject? item);
            Announce("DELETED", item!);
        }
    }

    public JsonObject? StatusOf(string name)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(name)?["status"]?.DeepClone().AsObject();
    }

    /// <summary>Ends every watch with an ERROR event that says that the history is lost.</summary>
    public void LoseHistory() => Write(
        """{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version","reason":"Expired","code":410}}""");

    public void Bookmark()
    {
        lock (_gate)
            Write($"{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"VirtualIPMember\",\"metadata\":{{\"resourceVersion\":\"{++_version}\"}}}}}}");
    }

    public void Write(string line)
    {
        lock (_gate)
        {
            foreach (Channel<string> watch in _watches)
                watch.Writer.TryWrite(line);
        }
    }

    public void EndWatches()
    {
        lock (_gate)
        {
            foreach (Channel<string> watch in _watches)
                watch.Writer.TryComplete();
            _watches.Clear();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Announce(string type, JsonObject item)
    {
        item["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        Write(new JsonObject { ["type"] = type, ["object"] = item.DeepClone() }.ToJsonString());
    }

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (Silent)
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        if (request.Method == "PATCH")
            await PatchAsync(context);
        else if (request.Path != Collection || request.Query["labelSelector"] != "vipoperator.io/pod-uid=uid-1")
            context.Response.StatusCode = 404;
        else if (request.Query.ContainsKey("watch"))
            await WatchAsync(context);
        else
            await ListAsync(context);
    }

    private async Task ListAsync(HttpContext context)
    {
        string page;
        lock (_gate)
        {
            int start = int.Parse(
                context.Request.Query["continue"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
            JsonObject[] ours = [.. _objects.Values.Where(
                o => (string?)o["metadata"]!["labels"]!["vipoperator.io/pod-uid"] == "uid-1")];
            bool more = start + PageSize < ours.Length;
            page = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture),
                    ["continue"] = more ? (start + PageSize).ToString(CultureInfo.InvariantCulture) : "",
                },
                ["items"] = new JsonArray([.. ours.Skip(start).Take(PageSize).Select(o => o.DeepClone())]),
            }.ToJsonString();
        }

        await context.Response.WriteAsync(page, context.RequestAborted);
    }

    private async Task WatchAsync(HttpContext context)
    {
        Channel<string> watch = Channel.CreateUnbounded<string>();
        lock (_gate)
        {
            foreach (JsonObject item in _objects.Values)
            {
                if (int.Parse((string)item["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture) > int.Parse(
                    context.Request.Query["resourceVersion"]!, CultureInfo.InvariantCulture))
                    watch.Writer.TryWrite(
                        new JsonObject { ["type"] = "ADDED", ["object"] = item.DeepClone() }.ToJsonString());
            }

            _watches.Add(watch);
        }

        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (string line in watch.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(line + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task PatchAsync(HttpContext context)
    {
        JsonObject patch =
            (await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body,
                cancellationToken: context.RequestAborted))!;
        string name = context.Request.Path.Value!.Split('/')[^2];
        int answer = name == Forbidden ? 403 : PatchStatus;
        if (answer != 200 || context.Request.ContentType != "application/apply-patch+yaml")
        {
            context.Response.StatusCode = answer == 200 ? 415 : answer;
            await context.Response.WriteAsync("""{"kind":"Status","message":"not now"}""");
            return;
        }

        Patches.Enqueue((name, patch["status"]!.DeepClone().AsObject(), DateTime.UtcNow));
        lock (_gate)
        {
            if (!_objects.TryGetValue(name, out JsonObject? item))
            {
                context.Response.StatusCode = 404;
                return;
            }

            item["status"] = patch["status"]!.DeepClone();
            Announce("MODIFIED", item);
        }

        await context.Response.WriteAsync("{}");
    }
}
