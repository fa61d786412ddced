using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>From a request body to an object of a type: syntax, version and kind, unknown fields, nulls.</summary>
internal static class ObjectDecoder
{
    private static readonly string[] BodyTypes = ["application/json", "application/yaml", ProtobufType];

    private const string ProtobufType = "application/vnd.kubernetes.protobuf";

    /// <summary>The body of a create or an update, in whatever encoding it came.</summary>
    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public static async Task<JsonObject> ReadAsync(ApiRequest request, ResourceType type, string fieldValidation)
    {
        bool isProtobuf = request.ContentType == ProtobufType && !type.IsCustom;
        if (!isProtobuf)
            return Decode(await request.ReadTextAsync(), request.ContentType, type, fieldValidation, request.Warnings);
        byte[] body = await request.ReadBytesAsync();
        try
        {
            JsonObject document = ProtobufDecoding.Decode(body, type.Schema);
            CheckVersionAndKind(document, type, "");
            DecodeTyped(document, type);
            return document;
        }
        catch (MalformedDocumentException e)
        {
            throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {type.Kind}): {e.Message}");
        }
    }

    /// <exception cref="ApiException">400 or 415.</exception>
    public static JsonObject Decode(
        string body, string contentType, ResourceType type, string fieldValidation, ICollection<string> warnings)
    {
        bool isYaml = contentType is "application/yaml" or "application/apply-patch+yaml";
        if (!isYaml && contentType is not ("application/json" or "")) throw ApiErrors.UnsupportedMediaType(BodyTypes);
        List<string> duplicates = [];
        JsonNode? node;
        try
        {
            node = isYaml ? YamlDocumentReader.Read(body, duplicates) : JsonDocumentReader.Read(body, duplicates);
        }
        catch (MalformedDocumentException e)
        {
            throw Unrecognized(type, $"couldn't get version/kind; json parse error: {e.Message}", body);
        }
        if (node is not JsonObject document)
        {
            string actual = node.TypeName();
            throw Unrecognized(
                type,
                $"couldn't get version/kind; json parse error: json: cannot unmarshal {actual} into Go value of type "
                    + "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                    + "\"json:\\\"kind,omitempty\\\"\" }",
                body);
        }
        CheckVersionAndKind(document, type, body);
        DecodeTyped(document, type);
        CheckStrict(document, type, duplicates, fieldValidation, warnings);
        return document;
    }

    /// <summary>What decoding does besides syntax; also run on the outcome of a patch.</summary>
    /// <returns>The complaints of strict decoding.</returns>
    public static List<string> PruneUnknown(JsonObject document, ResourceType type) =>
        [.. UnknownFields.Prune(document, type.Schema).Select(f => $"unknown field {JsonText.Quote(f)}")];

    public static void DecodeTyped(JsonObject document, ResourceType type)
    {
        string? complaint = type.IsCustom
            ? TypedDecoding.Decode(document["metadata"], BuiltinSchemas.ObjectMeta, "ObjectMeta")
            : TypedDecoding.Decode(document, type.Schema, type.Kind);
        if (complaint is not null)
        {
            throw ApiErrors.BadRequest(
                $"{type.Kind} in version {JsonText.Quote(type.Version)} cannot be handled as a {type.Kind}: {complaint}");
        }
        if (document["metadata"] is not JsonObject) document["metadata"] = new JsonObject();
        DropEmpty((JsonObject)document["metadata"]!);
    }

    /// <summary>
    /// Typed metadata cannot tell empty lists and maps from none; an empty managedFields alone is a request.
    /// </summary>
    private static void DropEmpty(JsonObject metadata)
    {
        foreach (string name in metadata.Select(p => p.Key).Where(n => n != "managedFields").ToList())
            if (metadata[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 } || metadata[name].AsText() is "")
                metadata.Remove(name);
    }

    /// <exception cref="ApiException">400 or 422: of another version or kind than the address.</exception>
    public static void CheckVersionAndKind(JsonObject document, ResourceType type, string body)
    {
        string version = document.Text("apiVersion"), kind = document.Text("kind");
        if (type.IsCustom && kind.Length == 0)
            throw Unrecognized(type, $"Object 'Kind' is missing in '{body}'", body);
        if (type.IsCustom && version.Length == 0)
            throw Unrecognized(type, $"Object 'apiVersion' is missing in '{body}'", body);
        if (version.Length == 0) document["apiVersion"] = version = type.ApiVersion;
        if (kind.Length == 0) document["kind"] = kind = type.Kind;
        if (version != type.ApiVersion)
        {
            throw ApiErrors.BadRequest(
                $"the API version in the data ({version}) does not match the expected API version ({type.ApiVersion})");
        }
        if (kind == type.Kind) return;
        if (type.IsCustom)
        {
            throw ApiErrors.Invalid(
                new ResourceName(type.Group, kind), document.Name,
                [FieldError.Invalid("kind", kind, $"must be {type.Kind}")]);
        }
        throw ApiErrors.BadRequest(
            $"{kind} in version {JsonText.Quote(type.Version)} cannot be handled as a {type.Kind}: no kind "
            + $"{JsonText.Quote(kind)} is registered for version {JsonText.Quote(type.ApiVersion)}");
    }

    private static void CheckStrict(
        JsonObject document, ResourceType type, List<string> duplicates, string fieldValidation,
        ICollection<string> warnings)
    {
        IEnumerable<string> unknown = PruneUnknown(document, type);
        IEnumerable<string> repeated = duplicates.Select(d => $"duplicate field {JsonText.Quote(d)}");
        List<string> complaints = [.. type.IsCustom ? repeated.Concat(unknown) : unknown.Concat(repeated)];
        Report(complaints, fieldValidation, warnings,
            $"{type.Kind} in version {JsonText.Quote(type.Version)} cannot be handled as a {type.Kind}: ");
    }

    private static void Report(
        List<string> complaints, string fieldValidation, ICollection<string> warnings, string prefix)
    {
        if (complaints.Count == 0 || fieldValidation == "Ignore") return;
        if (fieldValidation == "Strict")
            throw ApiErrors.BadRequest($"{prefix}strict decoding error: {string.Join(", ", complaints)}");
        foreach (string complaint in complaints) warnings.Add(complaint);
    }

    private static ApiException Unrecognized(ResourceType type, string why, string body) =>
        ApiErrors.BadRequest(
            $"the object provided is unrecognized (must be of type {type.Kind}): {why} ({Excerpt(body)})");

    private static string Excerpt(string body) =>
        body.Length == 0 ? "<empty>" : body.Length <= 512 ? body : body[..512] + " ...";
}
