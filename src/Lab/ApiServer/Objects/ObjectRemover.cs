using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Http;
using VipOperator.Lab.ApiServer.Ownership;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>Deletes objects: at once, after their finalizers, or after a pod's grace period.</summary>
internal sealed class ObjectRemover(ObjectRepository repository, IDefinitionHooks definitions, TimeProvider clock)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    private static readonly string[] Immortal = ["default", "kube-public", "kube-system"];

    /// <summary>The body or query of a DELETE.</summary>
    internal sealed record Options(
        long? GraceSeconds, string Propagation, string Uid, string ResourceVersion, bool DryRun)
    {
        public static Options Default { get; } = new(null, "", "", "", false);

        /// <exception cref="ApiException">400 or 422.</exception>
        public static async Task<Options> ReadAsync(ApiRequest request)
        {
            byte[] body = await request.ReadBytesAsync();
            JsonNode? sent = null;
            try
            {
                sent = body.Length == 0 ? null : request.ContentType switch
                {
                    "application/vnd.kubernetes.protobuf" =>
                        ProtobufDecoding.Decode(body, BuiltinSchemas.Get("DeleteOptions")),
                    "application/yaml" => YamlDocumentReader.Read(Encoding.UTF8.GetString(body)),
                    _ => JsonDocumentReader.Read(body),
                };
            }
            catch (MalformedDocumentException e)
            {
                throw ApiErrors.BadRequest($"error decoding delete options: {e.Message}");
            }
            string propagation = sent.Text("propagationPolicy");
            if (propagation.Length == 0) propagation = request.Query("propagationPolicy");
            List<FieldError> errors = [];
            string[] policies = ["Background", "Foreground", "Orphan", ""];
            if (!policies.Contains(propagation))
            {
                errors.Add(FieldError.Invalid(
                    "propagationPolicy", propagation, "must be \"Foreground\", \"Background\", \"Orphan\", or nil"));
            }
            string[] dryRun = [.. sent.Texts("dryRun"), .. new[] { request.Query("dryRun") }.Where(d => d.Length > 0)];
            if (dryRun.Any(d => d != "All"))
                errors.Add(FieldError.NotSupported(
                    "dryRun", new JsonArray([.. dryRun.Select(d => JsonValue.Create(d))]), ["All"]));
            if (errors.Count > 0) throw ApiErrors.Invalid(new ResourceName("meta.k8s.io", "DeleteOptions"), "", errors);
            return new Options(
                sent.Integer("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds"),
                propagation,
                sent.Text("preconditions", "uid"),
                sent.Text("preconditions", "resourceVersion"),
                dryRun.Length > 0);
        }
    }

    /// <returns>The object that is on its way out, or a Status when it is gone.</returns>
    public JsonObject Delete(ResourceType type, string ns, string name, Options options)
    {
        while (true)
        {
            StoredObject current = repository.Get(type, ns, name);
            JsonObject old = ObjectRepository.Present(current, type);
            if (type is { Group: "", Plural: "namespaces" } && Immortal.Contains(name))
                throw ApiErrors.Forbidden(type.Name, name, "this namespace may not be deleted");
            CheckPreconditions(type, name, old, options);
            JsonObject marked = old.Copy();
            long grace = GraceOf(type, old, options);
            bool stays = Mark(type, old, marked, options, grace);
            if (options.DryRun) return stays ? old : Success(type, old);
            JsonObject document = ObjectRepository.ForStorage(marked, type);
            if (!stays)
            {
                if (repository.Store.TryDelete(type.StorageKey, current, document) is not { } gone) continue;
                definitions.AfterWrite(type, gone);
                // Pods answer with their last state, as deletions of everything with a grace period do.
                return type is { Group: "", Plural: "pods" }
                    ? ObjectRepository.Present(gone, type)
                    : Success(type, old);
            }
            if (ObjectRules.IsSame(old, marked)) return old;
            if (repository.Store.TryReplace(type.StorageKey, current, document) is not { } stored) continue;
            definitions.AfterWrite(type, stored);
            return ObjectRepository.Present(stored, type);
        }
    }

    /// <returns>Whether the object stays for now.</returns>
    private bool Mark(ResourceType type, JsonObject old, JsonObject marked, Options options, long grace)
    {
        JsonObject metadata = marked.Child("metadata");
        List<string> finalizers = [.. metadata.Texts("finalizers")];
        string? wanted = options.Propagation switch
        {
            "Foreground" => ForegroundFinalizer,
            "Orphan" => OrphanFinalizer,
            _ => null,
        };
        if (options.Propagation.Length > 0) finalizers.RemoveAll(f => f is ForegroundFinalizer or OrphanFinalizer);
        if (wanted is not null) finalizers.Add(wanted);
        metadata.Remove("finalizers");
        if (finalizers.Count > 0)
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]);

        bool isNamespace = type is { Group: "", Plural: "namespaces" };
        bool stays = finalizers.Count > 0 || grace > 0 || (isNamespace && old.Items("spec", "finalizers").Any());
        if (!stays)
        {
            // A pod's last state says that nothing is left to wait for.
            if (type is { Group: "", Plural: "pods" })
            {
                if (!old.IsBeingDeleted) metadata["deletionTimestamp"] = ManagedFields.Timestamp(clock.GetUtcNow());
                metadata["deletionGracePeriodSeconds"] = 0;
            }
            return false;
        }
        long? graceBefore = old.Integer("metadata", "deletionGracePeriodSeconds");
        if (!old.IsBeingDeleted || (graceBefore is { } before && grace < before))
        {
            DateTimeOffset end = clock.GetUtcNow().AddSeconds(grace);
            metadata["deletionTimestamp"] = ManagedFields.Timestamp(end);
            metadata["deletionGracePeriodSeconds"] = grace;
            if (!old.IsBeingDeleted && old.Integer("metadata", "generation") is { } generation)
                metadata["generation"] = generation + 1;
        }
        if (isNamespace) marked.Child("status")["phase"] = "Terminating";
        return true;
    }

    /// <summary>
    /// Only a pod that a node runs needs time; the node ends it by deleting it again with a grace of 0.
    /// </summary>
    private static long GraceOf(ResourceType type, JsonObject document, Options options)
    {
        if (type is not { Group: "", Plural: "pods" }) return 0;
        bool runs = document.Text("spec", "nodeName").Length > 0
            && document.Text("status", "phase") is not ("Succeeded" or "Failed");
        if (!runs) return 0;
        long grace = options.GraceSeconds ?? document.Integer("spec", "terminationGracePeriodSeconds") ?? 30;
        return Math.Max(0, grace);
    }

    private static void CheckPreconditions(ResourceType type, string name, JsonObject old, Options options)
    {
        if (options.Uid.Length > 0 && options.Uid != old.Uid)
        {
            throw ApiErrors.Conflict(
                type.KindName, name,
                $"the UID in the precondition ({options.Uid}) does not match the UID in record ({old.Uid}). "
                    + "The object might have been deleted and then recreated");
        }
        string version = old.Text("metadata", "resourceVersion");
        if (options.ResourceVersion.Length > 0 && options.ResourceVersion != version)
        {
            throw ApiErrors.Conflict(
                type.KindName, name,
                $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match the "
                    + $"ResourceVersion in record ({version}). The object might have been modified");
        }
    }

    private static JsonObject Success(ResourceType type, JsonObject document)
    {
        JsonObject details = new() { ["name"] = document.Name };
        if (type.Group.Length > 0) details["group"] = type.Group;
        details["kind"] = type.Plural;
        details["uid"] = document.Uid;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
