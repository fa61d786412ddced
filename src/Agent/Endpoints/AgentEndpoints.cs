using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using VipOperator.Agent.Kubernetes;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;
using VipOperator.Api;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Endpoints;

/// <summary>
/// Answers the requests of both listeners: the public one may only look, the private socket may ask for a handover and
/// a capture too.
/// </summary>
internal sealed class AgentEndpoints(
    Coordinator coordinator, Handover handover, AgentSettings settings, Func<ApiSnapshot?> api,
    Func<int?> sidecarProcessId, TimeProvider time)
{
    private const string SidecarSilent = "the sidecar does not answer";
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    public Task<HttpReply> AnswerPublicAsync(HttpRequest request, CancellationToken cancellationToken) =>
        request.Method is "GET" or "HEAD"
            ? LookAsync(request, cancellationToken)
            : Task.FromResult(HttpReply.Text(405, "Only GET is allowed here."));

    public Task<HttpReply> AnswerPrivateAsync(HttpRequest request, CancellationToken cancellationToken) =>
        request switch
        {
            { Method: "POST", Path: "/handover" } => HandOverAsync(request, cancellationToken),
            { Method: "POST", Path: "/capture" } => CaptureAsync(request, cancellationToken),
            _ => AnswerPublicAsync(request, cancellationToken),
        };

    private async Task<HttpReply> LookAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        switch (request.Path)
        {
            case "/healthz":
                if (sidecarProcessId() is null)
                    return HttpReply.Text(503, "the sidecar has not said hello yet");
                return coordinator.SidecarAnswers
                    ? HttpReply.Text(200, "ok")
                    : HttpReply.Text(503, SidecarSilent);
            case "/readyz":
                return FindUnready(coordinator.Snapshot()) is { } reason
                    ? HttpReply.Text(503, reason)
                    : HttpReply.Text(200, "ok");
            case "/metrics":
                await coordinator.RefreshAsync(cancellationToken).ConfigureAwait(false);
                string page = MetricsPage.Render(
                    coordinator.Snapshot(), api(), ProcessUsage.Measure(), settings.KeepalivedMetrics);
                return new HttpReply(200, MetricsContentType, Encoding.UTF8.GetBytes(page));
            case "/state":
                await coordinator.RefreshAsync(cancellationToken).ConfigureAwait(false);
                StateDocument state = StateBuilder.Build(
                    coordinator.Snapshot(), api(), settings, sidecarProcessId(), time);
                return HttpReply.Json(
                    JsonSerializer.SerializeToUtf8Bytes(state, StateJsonContext.Default.StateDocument));
            default:
                return HttpReply.Text(404, "/metrics, /healthz, /readyz and /state are here.");
        }
    }

    /// <summary>
    /// Ready is who could take an address when asked: configured, on a link, and probed. Being Active is no part of it.
    /// </summary>
    /// <remarks>
    /// A roll-out that takes the link or the key from new pods thereby stops at the first of them. What goes wrong in
    /// a pod that runs must not take it out of Services too, in all pods at once as likely as not: a new spec that
    /// makes no sense leaves the one before in force, a cable that is out is for the peers, and a service that fails
    /// after it has worked is for its own readiness probe.
    /// </remarks>
    private static string? FindUnready(AgentSnapshot agent)
    {
        if (!agent.SidecarAnswers)
            return SidecarSilent;
        if (agent.Revision == 0)
            return "there is no configuration yet";
        if (agent.AppliedRevision < agent.Revision)
            return "the sidecar has not taken the configuration yet";
        return agent.Members.Select(FindUnready).FirstOrDefault(reason => reason is not null);
    }

    private static string? FindUnready(MemberSnapshot member)
    {
        if (member is { Problem: { } problem, Routers.IsEmpty: true })
            return $"{member.Key}: {problem.Reason}: {problem.Message}";
        foreach (RouterSnapshot router in member.Routers)
        {
            if (router.Obstacle is { } obstacle)
                return $"{member.Key} {MemberStatusBuilder.FamilyName(router.Parameters.Family)}: {obstacle}";
        }

        return member.Probe is not { } probe || member.HasPassed ? null : probe.Verdict switch
        {
            Health.Unknown => $"the probe of {member.Key} has no verdict yet",
            Health.Failing when member.Routers.Any(r => r.Parameters.OnProbeFailure == FailurePolicy.Release) =>
                $"the probe of {member.Key} has not passed yet",
            Health.Failing or Health.Passing => null,
        };
    }

    private async Task<HttpReply> CaptureAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        const string After = "after=";
        long? after = null;
        if (request.Query.Length > 0)
        {
            if (!request.Query.StartsWith(After, StringComparison.Ordinal)
                || !long.TryParse(request.Query.AsSpan(After.Length), NumberStyles.None,
                    CultureInfo.InvariantCulture, out long number))
                return HttpReply.Text(400, "It is /capture?after=NUMBER, or /capture to begin.");
            after = number;
        }

        (ImmutableArray<CapturedEntry> entries, long last, long lost) =
            await coordinator.Capture.NextAsync(after, cancellationToken).ConfigureAwait(false);
        CaptureDocument document = new(
            last, [.. entries.Select((e, i) => CaptureAdvertisement.Of(e.Report, i == 0 ? lost : 0, time))]);
        return HttpReply.Json(
            JsonSerializer.SerializeToUtf8Bytes(document, CaptureJsonContext.Default.CaptureDocument));
    }

    private async Task<HttpReply> HandOverAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        const string Timeout = "timeout=";
        TimeSpan timeout = request.Query.StartsWith(Timeout, StringComparison.Ordinal)
            && GatewayDuration.TryParse(request.Query.AsSpan(Timeout.Length), out GatewayDuration asked)
                ? asked.Value
                : settings.HandoverTimeout;
        HandoverResult result = await handover.RunAsync(timeout, cancellationToken).ConfigureAwait(false);
        HandoverDocument document = new(result.HandedOver, result.Pending);
        return HttpReply.Json(JsonSerializer.SerializeToUtf8Bytes(document, StateJsonContext.Default.HandoverDocument));
    }
}
