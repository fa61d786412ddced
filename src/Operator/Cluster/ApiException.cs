using System.Net;

namespace VipOperator.Operator.Cluster;

/// <summary>The API server's refusal.</summary>
internal sealed class ApiException : Exception
{
    public ApiException(HttpStatusCode code, string? reason, string message, TimeSpan? retryAfter)
        : base(message)
    {
        Code = code;
        Reason = reason;
        RetryAfter = code == HttpStatusCode.TooManyRequests ? retryAfter : null;
    }

    public HttpStatusCode Code { get; }

    /// <summary>CamelCase, from the body: "Expired", "NotFound"; null when the body was no Status.</summary>
    public string? Reason { get; }

    /// <summary>
    /// How long the server asks to be left alone because there is too much to do (429); null in all other cases. A
    /// server that is starting asks for more patience (503) than it needs.
    /// </summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The resourceVersion is too old: list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone";
}
