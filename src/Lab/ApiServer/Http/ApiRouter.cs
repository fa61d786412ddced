using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Access;
using VipOperator.Lab.ApiServer.Discovery;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>From a request to who answers it: authentication, authorization, then discovery or a resource.</summary>
internal sealed class ApiRouter(
    ResourceCatalog catalog, TokenTable tokens, Authorizer authorizer,
    ResourceEndpoint resources, FaultInjection faults)
{
    private const string OpenApiProtobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    private readonly OpenApiCache _openApi = new(catalog);

    private static readonly string[] DiscoveryView = ["APIGroupDiscoveryList.apidiscovery.k8s.io"];

    public async Task HandleAsync(HttpContext context)
    {
        ApiRequest request = new(context, UserInfo.Anonymous);
        try
        {
            if (faults.Next(context.Request) is { } fault) throw fault;
            UserInfo user = tokens.Authenticate(context.Request.Headers.Authorization.ToString());
            request = new ApiRequest(context, user);
            await RouteAsync(request);
        }
        catch (ApiException refusal) when (!context.Response.HasStarted)
        {
            await request.RespondAsync(refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await request.RespondAsync(new ApiException(e.StatusCode, "BadRequest", e.Message));
        }
    }

    private async Task RouteAsync(ApiRequest request)
    {
        string path = request.Context.Request.Path.Value ?? "/";
        RequestTarget? target = RequestTarget.Parse(path);
        if (target is not null && catalog.HasVersion(target.Group, target.Version))
        {
            await resources.HandleAsync(request, target);
            return;
        }
        AccessRequest access = new(request.Method.ToLowerInvariant(), Path: path);
        if (!authorizer.Allows(request.User, access))
            throw new ApiException(403, "Forbidden", "forbidden: " + Authorizer.Explain(request.User, access), []);
        await AnswerPathAsync(request, path.TrimEnd('/'));
    }

    private async Task AnswerPathAsync(ApiRequest request, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<ResourceType> types = catalog.All;
        JsonObject? document = parts switch
        {
            ["healthz" or "readyz" or "livez", ..] => null,
            ["version"] => ServerVersion.ToJson(),
            ["api"] => Discovery(request, core: true) ?? DiscoveryDocuments.CoreVersions(
                request.Context.Request.Host.Value ?? ""),
            ["apis"] => Discovery(request, core: false) ?? DiscoveryDocuments.GroupList(types),
            ["api", var version] => DiscoveryDocuments.ResourceList(types, "", version),
            ["apis", var group] => DiscoveryDocuments.Group(types, group),
            ["apis", var group, var version] => DiscoveryDocuments.ResourceList(types, group, version),
            _ => null,
        };
        if (parts is ["healthz" or "readyz" or "livez", ..]) await RespondTextAsync(request, 200, "ok");
        else if (parts is ["openapi", "v2"]) await AnswerOpenApi2Async(request);
        else if (parts is ["openapi", "v3"])
            await RespondBytesAsync(request, "application/json", _openApi.Version3Index);
        else if (parts is ["openapi", "v3", .. var prefix] && _openApi.Version3(string.Join('/', prefix)) is { } schema)
            await RespondBytesAsync(request, "application/json", schema);
        else if (document is not null) await RespondAsync(request, document);
        else await RespondTextAsync(request, 404, "404 page not found\n");
    }

    private JsonObject? Discovery(ApiRequest request, bool core)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, DiscoveryView);
        return format.View.Length == 0 ? null : DiscoveryDocuments.Aggregated(catalog.All, core, format.ViewVersion);
    }

    private static async Task RespondAsync(ApiRequest request, JsonObject document)
    {
        if (document.Text("kind") != "APIGroupDiscoveryList")
        {
            await request.RespondAsync(200, document, OutputFormat.Negotiate(request.Accept));
            return;
        }
        string version = document.Text("apiVersion").Split('/')[1];
        request.Context.Response.Headers.Vary = "Accept";
        await RespondBytesAsync(
            request, $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList",
            JsonText.Bytes(document));
    }

    private async Task AnswerOpenApi2Async(ApiRequest request)
    {
        string[] accepted = [.. request.Accept.Split(',').Select(a => a.Split(';')[0].Trim())];
        bool wantsProtobuf = accepted.Any(
            a => a.StartsWith("application/com.github.proto-openapi.spec.v2", StringComparison.Ordinal));
        bool wantsJson = accepted.Any(a => a is "application/json" or "*/*" or "");
        if (!wantsProtobuf && !wantsJson) throw ApiErrors.NotAcceptable([OpenApiProtobufType, "application/json"]);
        // The @ is legal in Accept only; Go's parser of media types refuses it in answers.
        await (wantsProtobuf
            ? RespondBytesAsync(
                request, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", _openApi.Version2Protobuf)
            : RespondBytesAsync(request, "application/json", _openApi.Version2));
    }

    private static async Task RespondBytesAsync(ApiRequest request, string type, byte[] body)
    {
        request.Context.Response.ContentType = type;
        await request.Context.Response.Body.WriteAsync(body, request.Aborted);
    }

    private static async Task RespondTextAsync(ApiRequest request, int code, string text)
    {
        request.Context.Response.StatusCode = code;
        request.Context.Response.ContentType = "text/plain; charset=utf-8";
        await request.Context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), request.Aborted);
    }
}
