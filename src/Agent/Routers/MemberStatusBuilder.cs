using System.Collections.Immutable;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// Makes a member's status of what is known of it; pure, and equal input makes equal output, so that nothing is written
/// twice.
/// </summary>
internal static class MemberStatusBuilder
{
    /// <summary>As the CRD allows.</summary>
    private const int MostHeard = 32;

    private const int MostHints = 64;

    private const int LongestMessage = 1024;

    /// <returns>null while there is nothing to say yet: the sidecar has not reported on every router.</returns>
    public static VirtualIPMemberStatus? Build(MemberSnapshot member, ImmutableArray<HeardReport> heard)
    {
        if (member is { Problem: null, StandbySince: { } since })
            return Standby(member, since);
        if (member.Problem is null
            && (member.Routers.IsEmpty || member.Routers.Any(r => r.Report is null && r.Refusal is null)))
            return null;

        RouterSnapshot? worst = member.Routers
            .Where(r => r.Report is not null || r.Refusal is not null)
            .OrderByDescending(r => Badness(State(r))).ThenBy(r => r.Parameters.Family)
            .FirstOrDefault();
        MemberHint[] hints = [.. member.Routers.SelectMany(Hints).Take(MostHints)];
        string? message = member.Problem?.Message
            ?? Joined([.. member.Routers.Select(r => r.Obstacle), .. hints.Select(h => h.Message)]);
        return new VirtualIPMemberStatus
        {
            ObservedGeneration = member.ObservedGeneration,
            State = worst is null ? MemberState.Fault : State(worst),
            Since = worst?.Since ?? member.ProblemSince,
            Reason = member.Problem?.Reason ?? Reason(worst!),
            Message = message is { Length: > LongestMessage } ? message[..LongestMessage] : message,
            EffectivePriority = worst?.Report?.EffectivePriority.Value ?? 0,
            Probe = Probe(member),
            BoundAddresses = [.. member.Routers.SelectMany(r => Bound(r)).Select(a => a.ToString())],
            Routers = [.. member.Routers.Where(r => r.Report is not null || r.Refusal is not null).Select(Router)],
            Hints = hints.Length == 0 ? null : hints,
            Heard = Heard(member, heard),
        };
    }

    private static VirtualIPMemberStatus Standby(MemberSnapshot member, DateTimeOffset since) => new()
    {
        ObservedGeneration = member.ObservedGeneration,
        State = MemberState.Initialize,
        Since = since,
        Reason = MemberProblem.HeldBack,
        Message = "It runs no router until the other members have taken their new spec over.",
        EffectivePriority = 0,
        Probe = Probe(member),
        BoundAddresses = [],
        Routers = [],
    };

    public static MemberState State(RouterSnapshot router) =>
        router.IsSilent || router.Refusal is not null ? MemberState.Fault : router.Report!.State switch
        {
            RouterStateKind.Initialize => MemberState.Initialize,
            RouterStateKind.Backup => MemberState.Backup,
            RouterStateKind.Active => MemberState.Active,
            RouterStateKind.Fault => MemberState.Fault,
        };

    public static string FamilyName(IpFamily family) => family == IpFamily.V4 ? "IPv4" : "IPv6";

    public static ProbeResult Result(Health? verdict) => verdict is null ? ProbeResult.Disabled : verdict.Value switch
    {
        Health.Unknown => ProbeResult.Unknown,
        Health.Passing => ProbeResult.Passing,
        Health.Failing => ProbeResult.Failing,
    };

    // A member is as good as its worst router: dual-stack members move together.
    private static int Badness(MemberState state) => state switch
    {
        MemberState.Active => 0,
        MemberState.Backup => 1,
        MemberState.Initialize => 2,
        MemberState.Fault => 3,
    };

    private static string Reason(RouterSnapshot router) =>
        router.IsSilent ? MemberProblem.SidecarSilent
        : router.Refusal is not null ? MemberProblem.Refused : router.Report!.Reason.ToString();

    private static ImmutableArray<IpPrefix> Bound(RouterSnapshot router) => router.Report?.BoundAddresses ?? [];

    private static MemberProbeStatus Probe(MemberSnapshot member) => new()
    {
        Result = Result(member.Probe?.Verdict),
        Since = member.Probe is null ? null : member.ProbeSince,
        // While it passes, a single failure is no news worth a write.
        Message = member.Probe is { Verdict: Health.Failing or Health.Unknown, Message.Length: > 0 } probe
            ? probe.Message : null,
    };

    private static MemberRouterStatus Router(RouterSnapshot router) => new()
    {
        Family = FamilyName(router.Parameters.Family),
        State = State(router),
        Since = router.Since,
        Reason = Reason(router),
        InterfaceName = router.Report?.InterfaceName is { Length: > 0 } link ? link : null,
        PrimaryAddress =
            router.Report is { PrimaryAddress.IsNone: false } primary ? primary.PrimaryAddress.ToString() : null,
        ActiveAddress = router.Report is { ActiveAddress.IsNone: false, State: not RouterStateKind.Active } active
            ? active.ActiveAddress.ToString()
            : null,
        ActivePriority = router.Report is { ActiveAddress.IsNone: false, State: not RouterStateKind.Active } heard
            ? heard.ActivePriority.Value
            : null,
    };

    private static IEnumerable<MemberHint> Hints(RouterSnapshot router) => router.Hints.Select(h => new MemberHint
    {
        Family = FamilyName(router.Parameters.Family),
        Kind = h.Kind.ToString(),
        Message = HintText.Of(h),
    });

    private static HeardSpeaker[]? Heard(MemberSnapshot member, ImmutableArray<HeardReport> heard)
    {
        HeardSpeaker[] speakers = [.. heard
            .Where(h => member.Routers.Any(r => r.Report?.InterfaceName == h.InterfaceName))
            .Select(h => new HeardSpeaker
            {
                InterfaceName = h.InterfaceName,
                VirtualRouterId = h.VirtualRouterId,
                Version = h.Version,
                Priority = h.Priority.Value,
                Source = h.Source.ToString(),
                Reason = h.Reason.ToString(),
            })
            .Distinct()
            .Take(MostHeard)];
        return speakers.Length == 0 ? null : speakers;
    }

    private static string? Joined(IEnumerable<string?> messages)
    {
        string joined = string.Join(
            "; ", messages.Where(m => !string.IsNullOrEmpty(m)).Distinct(StringComparer.Ordinal));
        return joined.Length == 0 ? null : joined;
    }
}
