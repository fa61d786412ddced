using System.Text;

namespace VipOperator.Agent.Endpoints;

/// <summary>A request as far as it matters here; bodies are not read.</summary>
/// <param name="Query">Without the question mark; empty if there is none.</param>
internal sealed record HttpRequest(string Method, string Path, string Query);

/// <summary>An answer.</summary>
internal sealed record HttpReply(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    public static HttpReply Text(int status, string text) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    public static HttpReply Json(byte[] body) => new(200, "application/json", body);
}
