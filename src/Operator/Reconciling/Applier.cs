using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using VipOperator.Api;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Mapping;
using VipOperator.Operator.Notifying;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Reconciling;

/// <summary>
/// Turns steps into requests. The only writer of members' specs and of VirtualIPs' status. What the server answers goes
/// into the caches at once, so that the next plan does not ask for the same again.
/// </summary>
internal sealed class Applier
{
    private readonly ApiClient _client;
    private readonly ClusterState _state;
    private readonly EventRecorder _events;
    private readonly Notifier _notifier;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;

    // By their uids: those whose status we have written since we lead, so that what we know of it is what it says.
    private readonly ConcurrentDictionary<string, bool> _ownStatus = [];

    public Applier(
        ApiClient client,
        ClusterState state,
        EventRecorder events,
        Notifier notifier,
        TimeProvider time,
        OperatorMetrics metrics,
        ILogger<Applier> logger)
    {
        _client = client;
        _state = state;
        _events = events;
        _notifier = notifier;
        _time = time;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>
    /// To be called when this instance begins to lead: others may have written what it has not heard of yet.
    /// </summary>
    public void BeginToLead() => _ownStatus.Clear();

    /// <summary>Forgets what it knows of VirtualIPs that are gone.</summary>
    /// <param name="uids">Of those that there are.</param>
    public void Keep(IReadOnlySet<string> uids)
    {
        foreach (string uid in _ownStatus.Keys.Where(u => !uids.Contains(u)))
            _ownStatus.TryRemove(uid, out _);
    }

    /// <returns>
    /// false: the plan was made before we heard what another wrote; the rest of its steps for this VirtualIP is void.
    /// </returns>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">There was no connection.</exception>
    /// <exception cref="TimeoutException">There was no answer in time.</exception>
    public async Task<bool> ApplyAsync(PlanStep step, CancellationToken cancellation)
    {
        if (step is SetStatus known && IsWritten(known))
            return false;
        bool succeeded = false;
        try
        {
            await (step switch
            {
                ApplyMember apply => WriteMemberAsync(apply, cancellation),
                DeleteMember delete => DeleteMemberAsync(delete, cancellation),
                SetStatus status => WriteStatusAsync(status, cancellation),
                LabelPod label => LabelPodAsync(label, cancellation),
                RecordEvent record => Record(record),
                _ => throw new InvalidOperationException($"There is no such step: {step.GetType().Name}."),
            });
            succeeded = true;
            return true;
        }
        finally
        {
            _metrics.CountStep(step.GetType().Name, succeeded);
        }
    }

    private async Task WriteMemberAsync(ApplyMember step, CancellationToken cancellation)
    {
        VirtualIPMember document = MemberMapper.Write(step);
        JsonElement answer = await _client.ApplyAsync(
            Resource.Members,
            step.VirtualIP.Namespace,
            step.Name,
            "",
            document,
            ApiJsonContext.Default.VirtualIPMember,
            ClusterJsonContext.Default.JsonElement,
            cancellation);
        ObjectMetadata metadata = MetadataOf(answer);
        MemberObject? member = MemberMapper.Read(answer, metadata);
        if (member?.Spec != step.Spec && RemovalOf(document, answer, metadata) is { } removal)
        {
            answer = await MergeAsync(
                Resource.Members, step.VirtualIP.Namespace, step.Name, removal, cancellation);
            metadata = MetadataOf(answer);
            member = MemberMapper.Read(answer, metadata);
        }

        if (member is not null)
            _state.Members.UpsertWritten(member.Key, metadata.ResourceVersion ?? "", member);
        if (member?.Spec != step.Spec)
        {
            Log.MemberNotAsApplied(_logger, step.VirtualIP.Namespace, step.Name, step.VirtualIP.Name);
            return;
        }

        Log.MemberApplied(
            _logger,
            step.VirtualIP.Namespace,
            step.Name,
            step.VirtualIP.Name,
            step.Spec.NodeName,
            step.Spec.VirtualRouterId.Value,
            step.Spec.Priority.Value,
            step.Spec.Explanation);
    }

    // Only the spec is all ours; the uid keeps it from a later member of the same name.
    private static JsonObject? RemovalOf(VirtualIPMember document, JsonElement answer, ObjectMetadata metadata)
    {
        JsonElement applied = JsonSerializer.SerializeToElement(document, ApiJsonContext.Default.VirtualIPMember);
        return ForeignFields.Removal(applied.GetProperty("spec"), answer.GetProperty("spec")) is { } spec
            ? new JsonObject { ["metadata"] = new JsonObject { ["uid"] = metadata.Uid }, ["spec"] = spec }
            : null;
    }

    private async Task DeleteMemberAsync(DeleteMember step, CancellationToken cancellation)
    {
        if (step.Reason == DeletionReason.OwnerGone && await OwnerExistsAsync(step, cancellation))
            return;
        await _client.DeleteAsync(Resource.Members, step.VirtualIP.Namespace, step.Name, step.Uid, cancellation);
        _state.Members.RemoveDeleted(new ObjectKey(step.VirtualIP.Namespace, step.Name), m => m.Uid == step.Uid);
        Log.MemberDeleted(_logger, step.VirtualIP.Namespace, step.Name, step.VirtualIP.Name, step.Reason.ToString());
    }

    // Our watch may lag behind the instance that led before us and that made the member.
    private async Task<bool> OwnerExistsAsync(DeleteMember step, CancellationToken cancellation)
    {
        if (step.VirtualIP.Name.Length == 0)
            return false;
        try
        {
            AnyDocument owner = await _client.GetAsync(
                Resource.VirtualIPs,
                step.VirtualIP.Namespace,
                step.VirtualIP.Name,
                ClusterJsonContext.Default.AnyDocument,
                cancellation);
            MemberObject? member = _state.Members.Find(new ObjectKey(step.VirtualIP.Namespace, step.Name));
            return owner.Metadata.Uid == member?.OwnerUid;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private bool IsWritten(SetStatus step) =>
        !_ownStatus.ContainsKey(step.Uid) && _state.VirtualIPs.Find(step.VirtualIP)?.Object is { } now
        && now.Uid == step.Uid && now.Report == step.Report;

    private async Task WriteStatusAsync(SetStatus step, CancellationToken cancellation)
    {
        // The events behind this step say what has changed since the status that we know. The first time, another may
        // have written the change, and told it, already: then the server refuses, and the next plan knows better
        // (docs/adr/0026).
        (VirtualIPEntry? before, string? version) = _state.VirtualIPs.FindVersioned(step.VirtualIP);
        VirtualIPStatusDocument document = new()
        {
            // The uid keeps the status of one VirtualIP from a later one of the same name.
            Metadata = new ObjectMetadata
            {
                Namespace = step.VirtualIP.Namespace,
                Name = step.VirtualIP.Name,
                Uid = step.Uid,
                ResourceVersion = _ownStatus.ContainsKey(step.Uid) ? null : version,
            },
            Status = StatusMapper.Write(step.Report, before, _time.GetUtcNow()),
        };
        JsonElement answer = await _client.ApplyAsync(
            Resource.VirtualIPs,
            step.VirtualIP.Namespace,
            step.VirtualIP.Name,
            "/status",
            document,
            ClusterJsonContext.Default.VirtualIPStatusDocument,
            ClusterJsonContext.Default.JsonElement,
            cancellation);
        _ownStatus[step.Uid] = true;
        ObjectMetadata metadata = MetadataOf(answer);
        _state.VirtualIPs.UpsertWritten(
            step.VirtualIP, metadata.ResourceVersion ?? "", VirtualIPMapper.Read(answer, metadata));
        ConditionReport? ready = step.Report.Find(ConditionType.Ready);
        Log.StatusWritten(
            _logger,
            step.VirtualIP.Namespace,
            step.VirtualIP.Name,
            ready?.Status.ToString() ?? "",
            ready?.Reason.ToString() ?? "",
            step.Report.ActiveNode);
        if (!_logger.IsEnabled(LogLevel.Debug))
            return;
        foreach (MemberSummary member in step.Report.Members)
            Log.Ranked(_logger, step.VirtualIP.Namespace, step.VirtualIP.Name, member.NodeName,
                member.Priority.Value, member.Explanation);
    }

    // The label alone is ours; the uid keeps it from a later pod of the same name.
    private async Task LabelPodAsync(LabelPod step, CancellationToken cancellation)
    {
        try
        {
            JsonElement answer = step.Role is { } role
                ? await SetRoleAsync(step, role, cancellation)
                : await RemoveRoleAsync(step, cancellation);
            ObjectMetadata metadata = MetadataOf(answer);
            _state.Pods.UpsertWritten(step.Pod, metadata.ResourceVersion ?? "", PodMapper.Read(answer, metadata));
            Log.PodLabelled(_logger, step.Pod.Namespace, step.Pod.Name, step.Role ?? "none");
        }
        catch (ApiException e) when (e.Code is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // It is gone, which the watch has not told yet.
        }
    }

    private Task<JsonElement> SetRoleAsync(LabelPod step, string role, CancellationToken cancellation) =>
        _client.ApplyAsync(
            Resource.Pods,
            step.Pod.Namespace,
            step.Pod.Name,
            "",
            new PodLabelDocument
            {
                Metadata = new ObjectMetadata
                {
                    Namespace = step.Pod.Namespace,
                    Name = step.Pod.Name,
                    Uid = step.Uid,
                    Labels = new Dictionary<string, string> { [WellKnown.RoleLabel] = role },
                },
            },
            ClusterJsonContext.Default.PodLabelDocument,
            ClusterJsonContext.Default.JsonElement,
            cancellation);

    // Whoever has set it, the pod's template for one: to apply nothing would take away only what we have set ourselves.
    private Task<JsonElement> RemoveRoleAsync(LabelPod step, CancellationToken cancellation)
    {
        JsonObject document = new()
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = step.Uid,
                ["labels"] = new JsonObject { [WellKnown.RoleLabel] = null },
            },
        };
        return MergeAsync(Resource.Pods, step.Pod.Namespace, step.Pod.Name, document, cancellation);
    }

    private Task<JsonElement> MergeAsync(
        Resource resource, string @namespace, string name, JsonObject document, CancellationToken cancellation) =>
        _client.MergeAsync(
            resource, @namespace, name, document, ClusterJsonContext.Default.JsonObject,
            ClusterJsonContext.Default.JsonElement, cancellation);

    private Task Record(RecordEvent step)
    {
        _events.Record(step);
        _notifier.Notify(step, _state.VirtualIPs.Find(step.VirtualIP));
        return Task.CompletedTask;
    }

    private static ObjectMetadata MetadataOf(JsonElement item) =>
        item.Deserialize(ClusterJsonContext.Default.AnyDocument)!.Metadata;
}
