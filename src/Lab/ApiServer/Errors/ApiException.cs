using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Errors;

/// <summary>A refusal that goes to the caller as a <c>Status</c> object.</summary>
/// <param name="code">HTTP status code.</param>
/// <param name="reason">CamelCase reason such as <c>NotFound</c>; empty for internal errors without one.</param>
internal sealed class ApiException(int code, string reason, string message, JsonObject? details = null)
    : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public JsonObject ToStatus()
    {
        JsonObject status = new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0) status["reason"] = Reason;
        if (details is not null) status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }

    /// <summary>The same refusal as the <c>object</c> of a watch's ERROR event.</summary>
    public JsonObject ToWatchEvent() => new() { ["type"] = "ERROR", ["object"] = ToStatus() };
}
