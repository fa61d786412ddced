using System.Collections.Immutable;
using VipOperator.Agent.Kubernetes;
using VipOperator.Agent.Probes;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Endpoints;

/// <summary>Makes the document of <c>/state</c>.</summary>
internal static class StateBuilder
{
    public static StateDocument Build(
        AgentSnapshot agent, ApiSnapshot? api, AgentSettings settings, int? sidecarProcessId,
        TimeProvider time) => new()
        {
            Version = AgentVersion.Text,
            Now = time.ToWallClock(time.GetMonotonicTime()),
            Identity = new StateIdentity(
            settings.PodName, settings.PodNamespace, settings.PodUid, settings.NodeName,
            Environment.ProcessId, sidecarProcessId),
            Configuration = new StateConfiguration(agent.Source, agent.Revision, agent.AppliedRevision),
            Api = api is null
            ? null
            : new StateApi(
                api.Server, api.Connected, api.Since, api.Message, api.ResourceVersion,
                api.Lists, api.Watches, api.Errors, api.StatusWrites, api.StatusWriteErrors),
            Sidecar = agent.Process is { } p
            ? new StateSidecar(
                p.AgentStarts, p.LoopIterations, p.LoopAllocatedBytes, p.UnroutedDrops, p.KernelDrops,
                p.RealtimePriority, p.MemoryLocked, agent.SidecarAnswers)
            : null,
            Members = [.. agent.Members.Select(m => Member(m, time))],
            Heard = [.. agent.Heard.Select(h => new StateHeard(
            h.InterfaceName, h.VirtualRouterId, h.Version, h.Priority.Value, h.Source.ToString(), h.Reason.ToString(),
            time.ToWallClock(h.LastHeard), h.Count))],
        };

    private static StateMember Member(MemberSnapshot member, TimeProvider time) => new()
    {
        Namespace = member.Namespace,
        Name = member.Name,
        VirtualIP = MetricsPage.VirtualIPName(member),
        ObservedGeneration = member.ObservedGeneration,
        ProblemReason = member.Problem?.Reason,
        Problem = member.Problem?.Message,
        Probe = member.Probe is { } probe
            ? new StateProbe
            {
                Description = probe.Description,
                Result = MemberStatusBuilder.Result(probe.Verdict),
                Since = member.ProbeSince,
                Message = probe.Message.Length > 0 ? probe.Message : null,
                ConsecutiveFailures = probe.ConsecutiveFailures,
                RestartGraceRunning = probe.RestartGraceRunning,
                ConnectionHeld = probe.ConnectionHeld,
                Successes = probe.Successes,
                Failures = probe.Failures,
            }
            : null,
        Routers = [.. member.Routers.Select(r => Router(r, time))],
    };

    private static StateRouter Router(RouterSnapshot router, TimeProvider time)
    {
        RouterParameters parameters = router.Parameters;
        RouterReport? report = router.Report;
        bool known = report is not null || router.Refusal is not null;
        return new StateRouter
        {
            Family = MemberStatusBuilder.FamilyName(parameters.Family),
            VirtualRouterId = parameters.VirtualRouterId.Value,
            Version = (int)parameters.Version,
            Addresses = [.. parameters.Addresses.Select(a => a.ToString())],
            State = known ? MemberStatusBuilder.State(router) : null,
            Reason = router.IsSilent ? MemberProblem.SidecarSilent : report?.Reason.ToString(),
            Since = known ? router.Since : null,
            Problem = router.Obstacle,
            Priority = parameters.Priority.Value,
            EffectivePriority = report?.EffectivePriority.Value,
            InterfaceName = report is { InterfaceName.Length: > 0 } ? report.InterfaceName : null,
            PrimaryAddress = Text(report?.PrimaryAddress),
            ActiveAddress = Text(report?.ActiveAddress),
            ActivePriority = report is { ActiveAddress.IsNone: false } ? report.ActivePriority.Value : null,
            Lifeline = report is { HasLifeline: true },
            AdvertisementInterval = parameters.AdvertisementInterval.ToString(),
            ActiveAdvertisementInterval = report?.ActiveAdvertisementInterval.ToString(),
            AddressLifetimeSeconds = (int)parameters.AddressLifetime.TotalSeconds,
            Authentication = parameters.Authentication.ToString(),
            Transport = parameters.Transport.ToString(),
            BoundAddresses = [.. (report?.BoundAddresses ?? []).Select(a => a.ToString())],
            Hints = [.. router.Hints.Select(h => new StateHint(
                h.Kind.ToString(), time.ToWallClock(h.LastSeen), Text(h.Source),
                h.HardwareAddress == default ? null : h.HardwareAddress.ToString(), HintText.Of(h)))],
            Counters = Named<RouterCounter>(report?.Counters ?? [], withZeros: true),
            Drops = Named<DropReason>(report?.Drops ?? [], withZeros: false),
        };
    }

    private static string? Text(IpAddress? address) => address is { IsNone: false } known ? known.ToString() : null;

    private static Dictionary<string, ulong> Named<T>(ImmutableArray<ulong> values, bool withZeros)
        where T : struct, Enum
    {
        Dictionary<string, ulong> named = [];
        T[] names = Enum.GetValues<T>();
        for (int i = 0; i < Math.Min(values.Length, names.Length); i++)
        {
            string name = names[i].ToString();
            if (withZeros || values[i] > 0)
                named[char.ToLowerInvariant(name[0]) + name[1..]] = values[i];
        }

        return named;
    }
}
