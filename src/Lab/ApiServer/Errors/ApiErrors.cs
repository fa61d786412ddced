using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Errors;

/// <summary>
/// The refusals of the Kubernetes API, in its own words: clients match on codes, reasons and sometimes on text.
/// </summary>
internal static class ApiErrors
{
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException Forbidden(ResourceName resource, string name, string why, JsonArray? causes = null)
    {
        JsonObject details = Details(resource, name);
        if (causes is not null) details["causes"] = causes;
        string subject = name.Length == 0 ? $"{resource} is forbidden" : $"{resource} \"{name}\" is forbidden";
        return new ApiException(403, "Forbidden", $"{subject}: {why}", details);
    }

    public static ApiException NotFound(ResourceName resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", Details(resource, name));

    public static ApiException NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiException NotAcceptable(IEnumerable<string> offered) => new(
        406, "NotAcceptable", $"only the following media types are accepted: {string.Join(", ", offered)}");

    public static ApiException UnsupportedMediaType(IEnumerable<string> accepted) => new(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        + string.Join(", ", accepted));

    public static ApiException AlreadyExists(ResourceName resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Details(resource, name));

    public static ApiException Conflict(ResourceName resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}", Details(resource, name));

    public static ApiException Stale(ResourceName resource, string name) =>
        Conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    /// <param name="kind">
    /// As <c>Kind.group</c>, or the resource's name for refusals that come from the storage layer.
    /// </param>
    public static ApiException Invalid(ResourceName kind, string name, IReadOnlyCollection<FieldError> errors)
    {
        JsonObject details = [];
        if (name.Length > 0) details["name"] = name;
        if (kind.Group.Length > 0) details["group"] = kind.Group;
        details["kind"] = kind.Name;
        details["causes"] = new JsonArray([.. errors.Select(e => new JsonObject
        {
            ["reason"] = e.Reason.ToString(),
            ["message"] = e.Text,
            ["field"] = e.Field,
        })]);
        string all = errors.Count == 1 ? errors.First().ToString() : $"[{string.Join(", ", errors)}]";
        return new ApiException(422, "Invalid", $"{kind} \"{name}\" is invalid: {all}", details);
    }

    public static ApiException RejectedPatch() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    public static ApiException Internal(string message) => new(500, "", message);

    private static JsonObject Details(ResourceName resource, string name)
    {
        JsonObject details = [];
        if (name.Length > 0) details["name"] = name;
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Name;
        return details;
    }
}
