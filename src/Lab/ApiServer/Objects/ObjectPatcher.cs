using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Ownership;
using VipOperator.Lab.ApiServer.Patches;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>PATCH in its four forms.</summary>
internal sealed class ObjectPatcher(ObjectRepository repository, ObjectWriter writer, TimeProvider clock)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicPatchType = "application/strategic-merge-patch+json";
    private const string ApplyPatchType = "application/apply-patch+yaml";

    /// <summary>Fields of metadata that only the server sets.</summary>
    private static readonly string[] ServerSet = ["creationTimestamp", "generation", "selfLink"];

    public async Task<ObjectWriter.Written> PatchAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        string contentType = request.ContentType;
        string[] accepted = type.IsCustom
            ? [JsonPatchType, MergePatchType, ApplyPatchType]
            : [JsonPatchType, MergePatchType, StrategicPatchType, ApplyPatchType];
        if (!accepted.Contains(contentType)) throw ApiErrors.UnsupportedMediaType(accepted);
        bool isApply = contentType == ApplyPatchType;
        WriteOptions options = WriteOptions.Read(request, "PatchOptions", isApply);
        string body = await request.ReadTextAsync();
        if (isApply) return Apply(request, type, target, options, body);

        Func<JsonObject, JsonObject> patch = contentType switch
        {
            JsonPatchType => JsonPatchOf(body),
            MergePatchType => old => MergePatch.Apply(old, PatchObject(body)),
            _ => old => StrategicMergePatch.Apply(old, PatchObject(body), type.Schema),
        };
        JsonObject updated = writer.Update(
            type, target.Namespace, target.Name, target.Subresource, options,
            old => Decode(Run(patch, old), type, target, options, request, body));
        return new ObjectWriter.Written(updated, false);
    }

    private ObjectWriter.Written Apply(
        ApiRequest request, ResourceType type, RequestTarget target, WriteOptions options, string body)
    {
        bool isNew = repository.Find(type, target.Namespace, target.Name) is null;
        JsonObject configuration = DecodeConfiguration(request, type, target, options, body, isNew);
        Manager manager = new(options.FieldManager, "Apply", type.ApiVersion, target.Subresource);
        JsonObject ApplyTo(JsonObject live)
        {
            JsonObject merged = [];
            Typed(configuration, type, () => merged = FieldOwnership.Apply(
                live, configuration, type, manager, options.Force, clock.GetUtcNow()));
            return merged;
        }
        if (isNew)
        {
            if (target.Subresource.Length > 0) throw ApiErrors.NotFound(type.Name, target.Name);
            if (configuration.Uid.Length > 0)
            {
                throw ApiErrors.Conflict(
                    type.Name, target.Name,
                    $"uid mismatch: the provided object specified uid {configuration.Uid}, and no existing "
                    + $"object was found");
            }
            try
            {
                return new ObjectWriter.Written(Create(type, target, options, configuration, ApplyTo), true);
            }
            catch (ApiException e) when (e.Reason == "AlreadyExists")
            {
                // Somebody created it in between: apply to that.
            }
        }
        JsonObject updated = writer.Update(
            type, target.Namespace, target.Name, target.Subresource, options,
            live => KeepVersion(ApplyTo(live), configuration), recordsOwners: true);
        return new ObjectWriter.Written(updated, false);
    }

    private JsonObject Create(
        ResourceType type, RequestTarget target, WriteOptions options, JsonObject configuration,
        Func<JsonObject, JsonObject> apply)
    {
        // The owners are those of the configuration as sent, not of what the server adds to it.
        JsonNode? owners = apply([]).At("metadata", "managedFields")?.DeepClone();
        return writer.Create(type, target.Namespace, configuration.Copy(), options, prepared =>
        {
            if (owners is not null) prepared.Child("metadata")["managedFields"] = owners;
            return prepared;
        });
    }

    /// <exception cref="ApiException">
    /// 500, as the real server has it: the configuration does not fit its type.
    /// </exception>
    private static void Typed(JsonObject configuration, ResourceType type, Action operation)
    {
        try
        {
            operation();
        }
        catch (TypedTreeException e)
        {
            string version = type.Group.Length == 0 ? "/" + type.Version : type.ApiVersion;
            throw ApiErrors.Internal(
                $"failed to create typed patch object ({configuration.Namespace}/{configuration.Name}; {version}, "
                + $"Kind={type.Kind}): {e.Message}");
        }
    }

    /// <summary>The applied configuration may name the version that it was made for.</summary>
    private static JsonObject KeepVersion(JsonObject merged, JsonObject configuration)
    {
        JsonObject metadata = merged.Child("metadata");
        metadata.Remove("resourceVersion");
        if (configuration.Text("metadata", "resourceVersion") is { Length: > 0 } version)
            metadata["resourceVersion"] = version;
        return merged;
    }

    private static JsonObject DecodeConfiguration(
        ApiRequest request, ResourceType type, RequestTarget target, WriteOptions options, string body, bool isNew)
    {
        JsonNode? parsed;
        List<string> duplicates = [];
        try
        {
            parsed = YamlDocumentReader.Read(body, duplicates);
        }
        catch (MalformedDocumentException e)
        {
            throw ApiErrors.BadRequest($"error decoding YAML: {e.Message}");
        }
        if (parsed is not JsonObject sent) throw ApiErrors.BadRequest("error decoding YAML: expected an object");
        if (sent.At("metadata", "managedFields") is not null)
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        if (sent.Text("kind").Length == 0 || sent.Text("apiVersion").Length == 0)
            throw ApiErrors.BadRequest($"invalid object type: /{sent.Text("apiVersion")}, Kind={sent.Text("kind")}");
        Typed(sent, type, () => ConfigurationCheck.Check(sent, type.Schema));
        JsonObject configuration = ObjectDecoder.Decode(
            body, ApplyPatchType, type, options.FieldValidation, request.Warnings);
        JsonObject metadata = configuration.Child("metadata");
        if (isNew) metadata.Remove("resourceVersion");
        string name = metadata.Text("name"), ns = metadata.Text("namespace");
        if (name.Length > 0 && name != target.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({target.Name})");
        }
        if (type.Namespaced && ns.Length > 0 && ns != target.Namespace)
        {
            throw ApiErrors.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["name"] = target.Name;
        if (type.Namespaced) metadata["namespace"] = target.Namespace;
        foreach (string field in ServerSet) metadata.Remove(field);
        LeaveOut(configuration, type, target.Subresource);
        return configuration;
    }

    /// <summary>What this endpoint does not write is neither applied nor owned.</summary>
    private static void LeaveOut(JsonObject configuration, ResourceType type, string subresource)
    {
        if (subresource == "status")
        {
            foreach (string name in configuration.Select(p => p.Key).ToList())
                if (name is not ("apiVersion" or "kind" or "metadata" or "status"))
                    configuration.Remove(name);
            if (!type.IsCustom) return;
            JsonObject metadata = configuration.Child("metadata");
            foreach (string name in metadata.Select(p => p.Key).ToList())
                if (name is not ("name" or "namespace" or "resourceVersion" or "uid"))
                    metadata.Remove(name);
        }
        else if (type.HasStatus) configuration.Remove("status");
    }

    private static Func<JsonObject, JsonObject> JsonPatchOf(string body)
    {
        JsonArray operations = Parse(body) as JsonArray
            ?? throw ApiErrors.BadRequest(
                "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
        return old =>
            JsonPatch.Apply(old, operations) as JsonObject ?? throw new PatchException("the outcome is no object");
    }

    private static JsonObject PatchObject(string body)
    {
        JsonNode? parsed = Parse(body);
        return parsed as JsonObject
            ?? throw ApiErrors.BadRequest(
                $"error decoding patch: json: cannot unmarshal {parsed.TypeName()} into Go value of type "
                + $"map[string]interface {{}}");
    }

    private static JsonNode? Parse(string body)
    {
        try
        {
            return JsonDocumentReader.Read(body);
        }
        catch (MalformedDocumentException e)
        {
            throw ApiErrors.BadRequest($"error decoding patch: {e.Message}");
        }
    }

    private static JsonObject Run(Func<JsonObject, JsonObject> patch, JsonObject old)
    {
        try
        {
            return patch(old);
        }
        catch (PatchException)
        {
            throw ApiErrors.RejectedPatch();
        }
    }

    private static JsonObject Decode(
        JsonObject patched, ResourceType type, RequestTarget target, WriteOptions options,
        ApiRequest request, string body)
    {
        ObjectDecoder.CheckVersionAndKind(patched, type, body);
        ObjectDecoder.DecodeTyped(patched, type);
        if (patched.Name.Length > 0 && patched.Name != target.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({patched.Name}) does not match the name on the URL ({target.Name})");
        }
        List<string> unknown = ObjectDecoder.PruneUnknown(patched, type);
        if (unknown.Count > 0 && options.FieldValidation == "Strict")
        {
            throw ApiErrors.Invalid(
                new ResourceName("", ""), "",
                [FieldError.Invalid("patch", body, $"strict decoding error: {string.Join(", ", unknown)}")]);
        }
        if (options.FieldValidation == "Warn") request.Warnings.AddRange(unknown);
        return patched;
    }
}
