using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Access;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Objects;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>Answers requests for resources: authorization, then the verb.</summary>
internal sealed class ResourceEndpoint(
    ResourceCatalog catalog,
    Authorizer authorizer,
    Reviews reviews,
    ObjectRepository repository,
    ObjectReader reader,
    ObjectWriter writer,
    ObjectPatcher patcher,
    ObjectRemover remover,
    PodEviction eviction,
    WatchEndpoint watches,
    TimeProvider clock)
{
    private static readonly string[] Views =
        ["Table.meta.k8s.io", "PartialObjectMetadata.meta.k8s.io", "PartialObjectMetadataList.meta.k8s.io"];

    public async Task HandleAsync(ApiRequest request, RequestTarget target)
    {
        // Old watch form: /api/v1/watch/pods is not served; ?watch=1 is.
        string verb = VerbOf(request, target);
        Authorize(request.User, verb, target);
        ResourceType type =
            catalog.Find(target.Group, target.Version, target.Resource) ?? throw ApiErrors.NoSuchResource();
        CheckShape(type, target, verb);
        await (verb switch
        {
            "get" => GetAsync(request, type, target),
            "list" => ListAsync(request, type, target),
            "watch" => watches.HandleAsync(request, type, target, OutputFormat.Negotiate(request.Accept, Views)),
            "create" => CreateAsync(request, type, target),
            "update" => UpdateAsync(request, type, target),
            "patch" => PatchAsync(request, type, target),
            "delete" => DeleteAsync(request, type, target),
            _ => DeleteCollectionAsync(request, type, target),
        });
    }

    private static string VerbOf(ApiRequest request, RequestTarget target)
    {
        bool isOne = target.Name.Length > 0;
        bool isWatch = request.Query("watch") is "1" or "true";
        return (request.Method, isOne) switch
        {
            ("GET" or "HEAD", true) => isWatch ? "watch" : "get",
            ("GET" or "HEAD", false) => isWatch ? "watch" : "list",
            ("POST", _) => "create",
            ("PUT", true) => "update",
            ("PATCH", true) => "patch",
            ("DELETE", true) => "delete",
            ("DELETE", false) => "deletecollection",
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }

    private void Authorize(UserInfo user, string verb, RequestTarget target)
    {
        AccessRequest access = new(
            verb, target.Group, target.Resource, target.Subresource, NamespaceOf(target), target.Name);
        if (!authorizer.Allows(user, access))
            throw ApiErrors.Forbidden(target.ResourceName, target.Name, Authorizer.Explain(user, access));
    }

    /// <summary>A namespace belongs to itself when it is asked for by name.</summary>
    private static string NamespaceOf(RequestTarget target) =>
        target is { Group: "", Resource: "namespaces" } ? target.Name : target.Namespace;

    private static void CheckShape(ResourceType type, RequestTarget target, string verb)
    {
        if (!type.Namespaced && target.Namespace.Length > 0) throw ApiErrors.NoSuchResource();
        bool isStatus = target.Subresource == "status" && type.HasStatus;
        bool isFinalize = target.Subresource == "finalize" && type is { Group: "", Plural: "namespaces" };
        bool isEviction = target.Subresource == "eviction" && type.HasEviction;
        if (target.Subresource.Length > 0 && !isStatus && !isFinalize && !isEviction) throw ApiErrors.NoSuchResource();
        bool isAllowed = type.IsVirtual
            ? verb == "create"
            : (verb, target.Subresource) switch
            {
                ("create", "") => target.Name.Length == 0,
                ("get" or "update", "status") or ("patch", "status") or ("update", "finalize")
                    or ("create", "eviction") => true,
                (_, "") => true,
                _ => false,
            };
        // Emptying a cluster of its namespaces in one call is not offered.
        bool isWholesale = verb == "deletecollection" && type is { Group: "", Plural: "namespaces" };
        if (!isAllowed || isWholesale) throw ApiErrors.MethodNotAllowed();
        bool needsNamespace = type is { Namespaced: true, IsVirtual: false } && target.Namespace.Length == 0
            && verb is not ("list" or "watch");
        if (needsNamespace)
            throw target.Name.Length > 0 ? ApiErrors.NoSuchResource() : ApiErrors.MethodNotAllowed();
    }

    private Task GetAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        JsonObject document = ObjectRepository.Present(repository.Get(type, target.Namespace, target.Name), type);
        return RespondAsync(request, type, 200, document, format);
    }

    private async Task ListAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        ObjectReader.Page page = reader.List(type, ListQuery.Read(request, type, target, isWatch: false));
        JsonObject body;
        if (format.IsTable)
        {
            body = TableRenderer.Render(
                page.Items, type, page.Metadata(), request.Query("includeObject"), true, clock.GetUtcNow());
        }
        else
        {
            IEnumerable<JsonObject> items = format.IsPartialMetadata
                ? page.Items.Select(TableRenderer.PartialMetadata)
                : page.Items.Select(i => i.Copy());
            body = new JsonObject
            {
                ["kind"] = format.IsPartialMetadata ? "PartialObjectMetadataList" : type.ListKind,
                ["apiVersion"] = format.IsPartialMetadata ? "meta.k8s.io/v1" : type.ApiVersion,
                ["metadata"] = page.Metadata(),
                ["items"] = new JsonArray([.. items]),
            };
        }
        await request.RespondAsync(200, body, format);
    }

    private async Task CreateAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        WriteOptions options = WriteOptions.Read(request, "CreateOptions");
        if (target.Subresource == "eviction")
        {
            JsonObject wanted = await ObjectDecoder.ReadAsync(
                request, BuiltinResources.Eviction, options.FieldValidation);
            await request.RespondAsync(
                201, eviction.Evict(type, target.Namespace, target.Name, wanted), OutputFormat.Json);
            return;
        }
        JsonObject incoming = await ObjectDecoder.ReadAsync(request, type, options.FieldValidation);
        JsonObject created = type.IsVirtual
            ? reviews.Answer(type.Kind, incoming, request.User)
            : writer.Create(type, target.Namespace, incoming, options);
        await RespondAsync(request, type, 201, created, format);
    }

    private async Task UpdateAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        WriteOptions options = WriteOptions.Read(request, "UpdateOptions");
        JsonObject incoming = await ObjectDecoder.ReadAsync(request, type, options.FieldValidation);
        CheckIdentity(type, target, incoming);
        if (type.AllowsCreateOnUpdate && target.Subresource.Length == 0
            && repository.Find(type, target.Namespace, target.Name) is null)
        {
            incoming.Child("metadata").Remove("resourceVersion");
            incoming.Child("metadata").Remove("uid");
            await RespondAsync(request, type, 201, writer.Create(type, target.Namespace, incoming, options), format);
            return;
        }
        JsonObject updated = writer.Update(
            type, target.Namespace, target.Name, target.Subresource, options,
            _ => incoming.Copy(), requiresVersion: true);
        await RespondAsync(request, type, 200, updated, format);
    }

    private static void CheckIdentity(ResourceType type, RequestTarget target, JsonObject incoming)
    {
        JsonObject metadata = incoming.Child("metadata");
        string name = metadata.Text("name"), ns = metadata.Text("namespace");
        if (name.Length == 0) throw ApiErrors.BadRequest("name must be provided");
        if (name != target.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({target.Name})");
        }
        if (!type.Namespaced) return;
        if (ns.Length > 0 && ns != target.Namespace)
        {
            throw ApiErrors.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = target.Namespace;
    }

    private async Task PatchAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        ObjectWriter.Written written = await patcher.PatchAsync(request, type, target);
        await RespondAsync(request, type, written.IsNew ? 201 : 200, written.Document, format);
    }

    private async Task DeleteAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        OutputFormat format = OutputFormat.Negotiate(request.Accept, Views);
        ObjectRemover.Options options = await ObjectRemover.Options.ReadAsync(request);
        JsonObject answer = remover.Delete(type, target.Namespace, target.Name, options);
        bool isStatus = answer.Text("kind") == "Status";
        await (isStatus
            ? request.RespondAsync(200, answer, OutputFormat.Json)
            : RespondAsync(request, type, 200, answer, format));
    }

    private async Task DeleteCollectionAsync(ApiRequest request, ResourceType type, RequestTarget target)
    {
        ObjectRemover.Options options = await ObjectRemover.Options.ReadAsync(request);
        ObjectReader.Page page = reader.List(type, ListQuery.Read(request, type, target, isWatch: false));
        JsonArray items = [];
        foreach (JsonObject item in page.Items)
        {
            try
            {
                remover.Delete(type, item.Namespace, item.Name, options);
                items.Add(item.Copy());
            }
            catch (ApiException e) when (e.Reason == "NotFound")
            {
                // Gone meanwhile: what was wanted.
            }
        }
        await request.RespondAsync(
            200,
            new JsonObject
            {
                ["kind"] = type.ListKind,
                ["apiVersion"] = type.ApiVersion,
                ["metadata"] = page.Metadata(),
                ["items"] = items,
            },
            OutputFormat.Json);
    }

    private Task RespondAsync(ApiRequest request, ResourceType type, int code, JsonObject document, OutputFormat format)
    {
        JsonObject body = document;
        if (format.IsPartialMetadata) body = TableRenderer.PartialMetadata(document);
        else if (format.IsTable)
        {
            JsonObject metadata = new() { ["resourceVersion"] = document.Text("metadata", "resourceVersion") };
            body = TableRenderer.Render(
                [document], type, metadata, request.Query("includeObject"), true, clock.GetUtcNow());
        }
        return request.RespondAsync(code, body, format);
    }
}
