using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Probes;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// The members that are run, in the order of their keys: takes their specs in, and lets a member whose new spec makes
/// no sense run what it ran before. Not thread-safe: the <see cref="Coordinator"/> guards it.
/// </summary>
internal sealed class MemberTable(MemberPlan plan, ProberPool probers, TimeProvider time, ILogger log)
{
    private readonly SortedDictionary<string, MemberRun> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, IpFamily Family), uint> _handles = [];
    private Dictionary<uint, RouterRun> _routers = [];

    public int Count => _members.Count;

    public IEnumerable<MemberRun> Members => _members.Values;

    /// <returns>The router of that number; null when there is none.</returns>
    public RouterRun? Find(uint handle) => _routers.GetValueOrDefault(handle);

    public IEnumerable<RouterRun> Routers => _members.Values.SelectMany(m => m.Routers);

    /// <summary>Takes these members and no others.</summary>
    /// <param name="revision">The configuration that will carry what is new to the sidecar.</param>
    public void Apply(MemberSet set, ulong revision)
    {
        foreach (string gone in _members.Keys.Except(set.Members.Select(m => m.Key)).ToArray())
            Remove(gone);

        // Those that run already have the better right to an address or id.
        ConflictFinder conflicts = new();
        foreach (MemberEntry entry in set.Members
            .OrderBy(m => _members.GetValueOrDefault(m.Key)?.Running is null)
            .ThenBy(m => m.Key, StringComparer.Ordinal))
            Take(entry, conflicts, revision);
        _routers = Routers.ToDictionary(r => r.Configuration.Handle);
    }

    public MemberSnapshot[] Snapshot() => [.. _members.Values.Select(Snapshot)];

    private void Remove(string key)
    {
        MemberRun member = _members[key];
        probers.Release(member.ProbeKey);
        _members.Remove(key);
    }

    private void Take(MemberEntry entry, ConflictFinder conflicts, ulong revision)
    {
        if (!_members.TryGetValue(entry.Key, out MemberRun? member))
            _members[entry.Key] = member = new MemberRun { Entry = entry };
        member.Entry = entry;

        MemberProblem? problem = FindProblem(entry, conflicts, out ImmutableArray<RouterConfiguration> routers);
        SetProblem(member, problem);
        if (problem is null)
            Run(member, entry, routers, revision);
        else if (member.Running is { } kept)
            conflicts.Add(entry.Key, kept);
    }

    private MemberProblem? FindProblem(
        MemberEntry entry, ConflictFinder conflicts, out ImmutableArray<RouterConfiguration> routers)
    {
        routers = [];
        if (entry.Member is null)
            return new MemberProblem(MemberProblem.InvalidSpec, string.Join("; ", entry.Problems.Take(8)));
        if (plan.TryBuild(entry.Key, entry.Member, family => HandleOf(entry.Key, family), out routers) is { } problem)
            return problem;
        return !entry.Member.Spec.Standby && conflicts.Add(entry.Key, entry.Member) is { } conflict
            ? new MemberProblem(MemberProblem.Conflict, conflict.ToString())
            : null;
    }

    private void SetProblem(MemberRun member, MemberProblem? problem)
    {
        if (problem == member.Problem)
            return;
        if (problem is not null)
            Log.MemberProblem(log, member.Entry.Key, problem.Reason, problem.Message);
        else
            Log.MemberProblemGone(log, member.Entry.Key);
        member.Problem = problem;
        member.ProblemSince = time.ToWallClock(time.GetMonotonicTime());
    }

    private void Run(MemberRun member, MemberEntry entry, ImmutableArray<RouterConfiguration> routers, ulong revision)
    {
        member.Running = entry.Member;
        member.StandbySince = entry.Member!.Spec.Standby
            ? member.StandbySince ?? time.ToWallClock(time.GetMonotonicTime())
            : null;
        member.RunningGeneration = entry.Generation;
        member.Revision = revision;
        Dictionary<uint, RouterRun> before = member.Routers.ToDictionary(r => r.Configuration.Handle);
        member.Routers = [.. routers.Select(r =>
        {
            RouterRun run = before.GetValueOrDefault(r.Handle) ?? new RouterRun { Configuration = r };
            run.Configuration = r;
            return run;
        })];

        string? probe = ProberPool.KeyOf(entry.Member!.Spec.Probe);
        if (probe == member.ProbeKey)
            return;
        Prober? prober = probe is null ? null : probers.Acquire(probe, entry.Member.Spec.Probe!);
        probers.Release(member.ProbeKey);
        member.ProbeKey = probe;
        member.Prober = prober;
    }

    private uint HandleOf(string key, IpFamily family)
    {
        if (!_handles.TryGetValue((key, family), out uint handle))
            _handles[(key, family)] = handle = (uint)_handles.Count + 1;
        return handle;
    }

    private MemberSnapshot Snapshot(MemberRun member)
    {
        ProbeSnapshot? probe = member.Prober?.Snapshot();
        // Worked out once: the two clocks drift, and a status that trembles would be written again and again.
        if (probe is not null && member.ProbeSince.Instant != probe.Since)
            member.ProbeSince = (probe.Since, time.ToWallClock(probe.Since));
        return new MemberSnapshot
        {
            Namespace = member.Entry.Namespace,
            Name = member.Entry.Name,
            Uid = member.Entry.Uid,
            Running = member.Running,
            Asked = member.Entry.Member,
            ObservedGeneration = member.AppliedGeneration,
            Problem = member.Problem,
            ProblemSince = member.ProblemSince,
            StandbySince = member.AppliedGeneration == member.RunningGeneration ? member.StandbySince : null,
            Probe = probe,
            ProbeSince = member.ProbeSince.WallClock,
            HasPassed = member.HasPassed,
            Routers = [.. member.Routers.Select(
                r => new RouterSnapshot(r.Configuration, r.Report, r.Since, r.Refusal))],
        };
    }
}
