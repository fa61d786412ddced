using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using VipOperator.Lab.ApiServer.Access;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>One HTTP request with who sent it; reads what Kubernetes puts into queries and bodies.</summary>
internal sealed class ApiRequest(HttpContext context, UserInfo user)
{
    /// <summary>As the real server's limit on request bodies: 3 MiB.</summary>
    public const long MaxBodyBytes = 3 * 1024 * 1024;

    public HttpContext Context => context;

    public UserInfo User => user;

    public string Method => context.Request.Method;

    public string Accept => context.Request.Headers.Accept.ToString();

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The media type alone, lower case, without parameters.</summary>
    public string ContentType =>
        context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";

    public List<string> Warnings { get; } = [];

    public string Query(string name) => context.Request.Query[name].ToString();

    public bool Flag(string name) =>
        context.Request.Query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues values)
        && values.ToString() is not ("false" or "0");

    public long? Number(string name)
    {
        string text = Query(name);
        if (text.Length == 0) return null;
        return long.TryParse(text, out long value)
            ? value
            : throw ApiErrors.BadRequest($"strconv.ParseInt: parsing {JsonText.Quote(text)}: invalid syntax");
    }

    /// <summary>The client's name for itself: the fieldManager, else the start of its User-Agent.</summary>
    public string FieldManager
    {
        get
        {
            string given = Query("fieldManager");
            if (given.Length > 0) return given;
            string agent = context.Request.Headers.UserAgent.ToString();
            string name = agent.Split('/')[0];
            return name.Length == 0 ? "unknown" : name;
        }
    }

    public async Task<string> ReadTextAsync() => new UTF8Encoding(false).GetString(await ReadBytesAsync());

    public async Task<byte[]> ReadBytesAsync()
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBodyBytes;
        try
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, Aborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw ApiErrors.TooLarge(MaxBodyBytes);
        }
    }

    public async Task RespondAsync(int code, JsonNode document, OutputFormat format)
    {
        context.Response.StatusCode = code;
        foreach (string warning in Warnings)
            context.Response.Headers.Append("Warning", $"299 - {JsonText.Quote(warning)}");
        byte[] body;
        if (format.IsYaml)
        {
            context.Response.ContentType = "application/yaml";
            body = Encoding.UTF8.GetBytes(YamlText.Of(document));
        }
        else
        {
            context.Response.ContentType = "application/json";
            body = JsonText.Bytes(document, Flag("pretty"));
        }
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(Method)) await context.Response.Body.WriteAsync(body, Aborted);
    }

    public Task RespondAsync(ApiException refusal) => RespondAsync(refusal.Code, refusal.ToStatus(), OutputFormat.Json);
}
