using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Selectors;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>The query of a list, a watch or a delete of a collection.</summary>
internal sealed record ListQuery
{
    public required string Namespace { get; init; }

    /// <summary>A name in the path of a watch: only that object.</summary>
    public string Name { get; init; } = "";

    public required LabelSelector Labels { get; init; }

    public required FieldSelector Fields { get; init; }

    /// <summary>Null: not given; 0: anything will do.</summary>
    public long? ResourceVersion { get; init; }

    public string ResourceVersionMatch { get; init; } = "";

    public long Limit { get; init; }

    public ContinueToken? Continue { get; init; }

    public bool AllowBookmarks { get; init; }

    public bool? SendInitialEvents { get; init; }

    public long? TimeoutSeconds { get; init; }

    public bool Selects(JsonObject document) =>
        (Namespace.Length == 0 || document.Namespace == Namespace)
        && (Name.Length == 0 || document.Name == Name)
        && Labels.Matches(document)
        && Fields.Matches(document);

    /// <exception cref="ApiException">400 or 422.</exception>
    public static ListQuery Read(ApiRequest request, ResourceType type, RequestTarget target, bool isWatch)
    {
        string initial = request.Query("sendInitialEvents");
        ListQuery query = new()
        {
            Namespace = target.Namespace,
            Name = target.Name,
            Labels = LabelSelector.Parse(request.Query("labelSelector")),
            Fields = FieldSelector.Parse(request.Query("fieldSelector"), type),
            ResourceVersion = ReadVersion(request.Query("resourceVersion")),
            ResourceVersionMatch = request.Query("resourceVersionMatch"),
            Limit = request.Number("limit") ?? 0,
            Continue = ContinueToken.Read(request.Query("continue")),
            AllowBookmarks = request.Flag("allowWatchBookmarks"),
            SendInitialEvents = initial.Length == 0 ? null : request.Flag("sendInitialEvents"),
            TimeoutSeconds = request.Number("timeoutSeconds"),
        };
        query.Check(isWatch);
        return query;
    }

    private void Check(bool isWatch)
    {
        List<FieldError> errors = [];
        string match = ResourceVersionMatch;
        const string field = "resourceVersionMatch";
        if (isWatch && SendInitialEvents is not null && match != "NotOlderThan")
        {
            errors.Add(FieldError.Forbidden(
                field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        }
        else if (isWatch && SendInitialEvents is null && match.Length > 0)
            errors.Add(FieldError.Forbidden(
                field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (!isWatch && SendInitialEvents is not null)
            errors.Add(FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        if (!isWatch && match.Length > 0)
        {
            if (ResourceVersion is null)
                errors.Add(FieldError.Forbidden(
                    field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            if (Continue is not null)
                errors.Add(FieldError.Forbidden(field, "resourceVersionMatch is forbidden when continue is provided"));
            if (match is not ("Exact" or "NotOlderThan"))
                errors.Add(FieldError.NotSupported(field, match, ["Exact", "NotOlderThan", ""]));
            else if (match == "Exact" && ResourceVersion == 0)
            {
                errors.Add(FieldError.Forbidden(
                    field, "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        if (errors.Count > 0) throw ApiErrors.Invalid(new ResourceName("meta.k8s.io", "ListOptions"), "", errors);
    }

    private static long? ReadVersion(string text)
    {
        if (text.Length == 0) return null;
        return ObjectRules.ParseResourceVersion(text) ?? throw ApiErrors.BadRequest(
            $"invalid resource version: resourceVersion: Invalid value: {JsonText.Quote(text)}: "
            + $"strconv.ParseUint: parsing {JsonText.Quote(text)}: invalid syntax");
    }
}

/// <summary>Where a paged list goes on: after which key, at which revision.</summary>
internal sealed record ContinueToken(long Revision, string AfterKey)
{
    public override string ToString()
    {
        JsonObject token = new() { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = AfterKey };
        return Convert.ToBase64String(JsonText.Bytes(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="ApiException">400: not a token of ours.</exception>
    public static ContinueToken? Read(string text)
    {
        if (text.Length == 0) return null;
        try
        {
            string padded = text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (text.Length % 4)) % 4);
            JsonNode? token = JsonDocumentReader.Read(Convert.FromBase64String(padded));
            if (token.Integer("rv") is { } revision && token.At("start").AsText() is { } start)
                return new ContinueToken(revision, start);
        }
        catch (Exception e) when (e is FormatException or MalformedDocumentException)
        {
            // Answered below.
        }
        throw ApiErrors.BadRequest(
            string.Create(CultureInfo.InvariantCulture, $"invalid continue token: continue key is not valid: "
                + $"{Encoding.UTF8.GetByteCount(text)} bytes that are no token"));
    }
}
