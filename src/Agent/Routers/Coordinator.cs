using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Probes;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// Knows every member: what it is to be, what the sidecar says it is and what its probe says. Configuration goes in by
/// <see cref="Apply"/>, the sidecar's messages by <see cref="Handle"/>, verdicts come from the probers; out go messages to
/// the sidecar and snapshots. Thread-safe; nothing is awaited under its lock.
/// </summary>
internal sealed class Coordinator : IDisposable
{
    /// <summary>Who was not heard for so long is not reported any more.</summary>
    private static readonly TimeSpan HeardFor = TimeSpan.FromMinutes(5);

    /// <summary>A busy link or an attacker must not fill the memory.</summary>
    private const int MostHeard = 256;

    /// <summary>Reports this young are not asked for again.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ISidecar _sidecar;
    private readonly MemberPlan _plan;
    private readonly ProberPool _probers;
    private readonly ProbeTargets _targets;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SortedDictionary<string, MemberRun> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, IpFamily Family), uint> _handles = [];
    private readonly Dictionary<(string Link, byte Id, byte Version, IpAddress Source, DropReason Reason), HeardReport> _heard = [];
    private ImmutableArray<RouterConfiguration> _sent = [];
    private MemberSet? _set;
    private ulong _revision;
    private ulong _appliedRevision;
    private ProcessReport? _process;
    private TaskCompletionSource? _refresh;
    private MonotonicTime _refreshed = new(long.MinValue / 2);
    private TaskCompletionSource _reported = NewSignal();

    public Coordinator(
        ISidecar sidecar, MemberPlan plan, ProbeTargets targets, TimeProvider time, ILogger log)
    {
        _sidecar = sidecar;
        _plan = plan;
        _targets = targets;
        _time = time;
        _log = log;
        _probers = new ProberPool(targets, time, log, Tell);
    }

    /// <summary>Something changed that a member's status shows. Called under the lock: only set a signal.</summary>
    public event Action? Changed;

    /// <summary>Runs these members and no others. A member that makes no sense keeps what it ran before.</summary>
    public void Apply(MemberSet set)
    {
        lock (_gate)
        {
            _set = set;
            foreach (string gone in _members.Keys.Except(set.Members.Select(m => m.Key)).ToArray())
                Remove(gone);

            // Those that run already have the better right to an address or id.
            ConflictFinder conflicts = new();
            foreach (MemberEntry entry in set.Members.OrderBy(m => _members.GetValueOrDefault(m.Key)?.Running is null).ThenBy(m => m.Key, StringComparer.Ordinal))
                Take(entry, conflicts);
            Configure(set);
        }
    }

    /// <summary>Whether a member waits for a secret that could not be read.</summary>
    public bool LacksSecrets
    {
        get
        {
            lock (_gate)
                return _members.Values.Any(m => m.Problem?.Reason == MemberProblem.SecretUnavailable);
        }
    }

    /// <summary>Reads the secrets again; sends a configuration if one changed.</summary>
    public void SecretsChanged()
    {
        lock (_gate)
        {
            if (_set is not null)
                Apply(_set);
        }
    }

    /// <summary>Takes a message of the sidecar.</summary>
    /// <exception cref="ContractException">Malformed, or not for an agent.</exception>
    public void Handle(MessageType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case MessageType.RouterReport:
                Take(RouterReport.Read(payload));
                break;
            case MessageType.HeardReport:
                Take(HeardReport.Read(payload));
                break;
            case MessageType.ProcessReport:
                lock (_gate)
                    _process = ProcessReport.Read(payload);
                break;
            case MessageType.ReportEnd:
                lock (_gate)
                {
                    _refreshed = _time.GetMonotonicTime();
                    _refresh?.TrySetResult();
                    _refresh = null;
                }

                break;
            case MessageType.ConfigureResult:
                Take(ConfigureResult.Read(payload));
                break;
            default:
                throw new ContractException($"The sidecar sent {type}, which is for it to receive.");
        }
    }

    /// <summary>Asks the sidecar for fresh reports unless they are; waits for them, but not for a sidecar that does not answer.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        Task refresh;
        lock (_gate)
        {
            if (_refreshed.Until(_time.GetMonotonicTime()) is { } left && -left < FreshFor && left <= TimeSpan.Zero)
                return;
            if (_refresh is null)
            {
                _refresh = NewSignal();
                _sidecar.Send(WriteReportRequest);
            }

            refresh = _refresh.Task;
        }

        try
        {
            await refresh.WaitAsync(RefreshTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is known is shown; the age of the process report tells.
            lock (_gate)
                _refresh = null;
        }
    }

    public AgentSnapshot Snapshot()
    {
        lock (_gate)
        {
            MonotonicTime now = _time.GetMonotonicTime();
            foreach (var key in _heard.Where(h => h.Value.LastHeard.Until(now) < -HeardFor).Select(h => h.Key).ToArray())
                _heard.Remove(key);
            return new AgentSnapshot
            {
                Source = _set?.Source ?? "",
                Revision = _revision,
                AppliedRevision = _appliedRevision,
                Members = [.. _members.Values.Select(Snapshot)],
                Heard = [.. _heard.Values
                    .OrderBy(h => h.InterfaceName, StringComparer.Ordinal).ThenBy(h => h.VirtualRouterId)
                    .ThenBy(h => h.Source).ThenBy(h => h.Version).ThenBy(h => h.Reason)],
                Process = _process,
            };
        }
    }

    /// <summary>Lets peers have the addresses of every Active router and waits until they do.</summary>
    public async Task<HandoverResult> HandoverAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        RouterRun[] active;
        lock (_gate)
        {
            active = [.. _members.Values.SelectMany(m => m.Routers).Where(r => r.Report?.State == RouterStateKind.Active)];
            _sidecar.Send(writer =>
            {
                foreach (RouterRun router in active)
                    new HandoverMessage(router.Configuration.Handle).Write(writer);
            });
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        while (true)
        {
            Task reported;
            lock (_gate)
            {
                if (active.All(IsTaken))
                    break;
                reported = _reported.Task;
            }

            try
            {
                await reported.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        lock (_gate)
        {
            HandoverResult result = new([.. active.Where(IsTaken).Select(Name)], [.. active.Where(r => !IsTaken(r)).Select(Name)]);
            Log.HandedOver(_log, active.Length, result.HandedOver.Length);
            return result;
        }
    }

    public void Dispose() => _probers.Dispose();

    // Another member is heard Active, and we are not any more.
    private static bool IsTaken(RouterRun router) =>
        router.Report is { State: not RouterStateKind.Active, ActiveAddress.IsNone: false };

    private static string Name(RouterRun router) =>
        $"{router.Configuration.Name} {MemberStatusBuilder.FamilyName(router.Configuration.Parameters.Family)}";

    private static void WriteReportRequest(WireWriter writer)
    {
        writer.BeginFrame(MessageType.ReportRequest);
        writer.EndFrame();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Remove(string key)
    {
        MemberRun member = _members[key];
        _probers.Release(member.ProbeKey);
        _members.Remove(key);
    }

    private void Take(MemberEntry entry, ConflictFinder conflicts)
    {
        if (!_members.TryGetValue(entry.Key, out MemberRun? member))
            _members[entry.Key] = member = new MemberRun { Entry = entry };
        member.Entry = entry;

        MemberProblem? problem = FindProblem(entry, conflicts, out ImmutableArray<RouterConfiguration> routers);
        SetProblem(member, problem);
        if (problem is null)
            Run(member, entry, routers);
        else if (member.Running is { } kept)
            conflicts.Add(entry.Key, kept);
    }

    private MemberProblem? FindProblem(MemberEntry entry, ConflictFinder conflicts, out ImmutableArray<RouterConfiguration> routers)
    {
        routers = [];
        if (entry.Member is null)
            return new MemberProblem(MemberProblem.InvalidSpec, string.Join("; ", entry.Problems.Take(8)));
        if (_plan.TryBuild(entry.Key, entry.Member, family => HandleOf(entry.Key, family), out routers) is { } problem)
            return problem;
        return conflicts.Add(entry.Key, entry.Member) is { } conflict
            ? new MemberProblem(MemberProblem.Conflict, conflict.ToString())
            : null;
    }

    private void SetProblem(MemberRun member, MemberProblem? problem)
    {
        if (problem == member.Problem)
            return;
        if (problem is not null)
            Log.MemberProblem(_log, member.Entry.Key, problem.Reason, problem.Message);
        else
            Log.MemberProblemGone(_log, member.Entry.Key);
        member.Problem = problem;
        member.ProblemSince = _time.ToWallClock(_time.GetMonotonicTime());
    }

    private void Run(MemberRun member, MemberEntry entry, ImmutableArray<RouterConfiguration> routers)
    {
        member.Running = entry.Member;
        member.RunningGeneration = entry.Generation;
        member.Revision = _revision + 1;
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
        Prober? prober = probe is null ? null : _probers.Acquire(probe, entry.Member.Spec.Probe!);
        _probers.Release(member.ProbeKey);
        member.ProbeKey = probe;
        member.Prober = prober;
    }

    private uint HandleOf(string key, IpFamily family)
    {
        if (!_handles.TryGetValue((key, family), out uint handle))
            _handles[(key, family)] = handle = (uint)_handles.Count + 1;
        return handle;
    }

    private void Configure(MemberSet set)
    {
        ImmutableArray<RouterConfiguration> routers = [.. _members.Values.SelectMany(m => m.Routers).Select(r => r.Configuration)];
        if (_revision > 0 && routers.SequenceEqual(_sent))
        {
            // Nothing for the sidecar; a change of the probe or of the explanation is in force already.
            foreach (MemberRun member in _members.Values)
                member.Revision = Math.Min(member.Revision, _revision);
            ConfirmGenerations();
        }
        else
        {
            _revision++;
            _sent = routers;
            Log.Configured(_log, _revision, set.Source, _members.Count, routers.Length);
            _sidecar.Send(writer =>
            {
                new ConfigureMessage(_revision, routers).Write(writer);
                foreach (MemberRun member in _members.Values)
                    WriteVerdicts(writer, member, evenIfTold: true);
            });
        }

        UpdateTargets();
        Changed?.Invoke();
    }

    /// <summary>Tells the sidecar a prober's new verdict, on the prober's thread: nothing may come between.</summary>
    private void Tell(Prober prober)
    {
        lock (_gate)
        {
            _sidecar.Send(writer =>
            {
                foreach (MemberRun member in _members.Values)
                {
                    if (ReferenceEquals(member.Prober, prober))
                        WriteVerdicts(writer, member, evenIfTold: false);
                }
            });
            Changed?.Invoke();
        }
    }

    // Unknown is never told: the sidecar starts with it, and a new agent or a changed probe must not take a verdict back.
    private static void WriteVerdicts(WireWriter writer, MemberRun member, bool evenIfTold)
    {
        Health verdict = member.Prober?.Verdict ?? Health.Unknown;
        foreach (RouterRun router in member.Routers.Where(r => r.Configuration.Probed))
        {
            Health told = verdict == Health.Unknown ? router.Told : verdict;
            if (told == Health.Unknown || (told == router.Told && !evenIfTold))
                continue;
            router.Told = told;
            new HealthMessage(router.Configuration.Handle, told).Write(writer);
        }
    }

    private void Take(RouterReport report)
    {
        lock (_gate)
        {
            RouterRun? router = _members.Values.SelectMany(m => m.Routers).FirstOrDefault(r => r.Configuration.Handle == report.Handle);
            if (router is null)
                return;
            if (router.Report?.Since != report.Since)
                router.Since = _time.ToWallClock(report.Since);
            router.Report = report;
            _reported.TrySetResult();
            _reported = NewSignal();
            UpdateTargets();
            Changed?.Invoke();
        }
    }

    private void Take(HeardReport report)
    {
        lock (_gate)
        {
            var key = (report.InterfaceName, report.VirtualRouterId, report.Version, report.Source, report.Reason);
            if (_heard.Count >= MostHeard && !_heard.ContainsKey(key))
                _heard.Remove(_heard.MinBy(h => h.Value.LastHeard).Key);
            _heard[key] = report;
            Changed?.Invoke();
        }
    }

    private void Take(ConfigureResult result)
    {
        lock (_gate)
        {
            _appliedRevision = result.Revision;
            foreach (RouterRun router in _members.Values.SelectMany(m => m.Routers))
            {
                string? refusal = result.Problems.FirstOrDefault(p => p.Handle == router.Configuration.Handle)?.Message;
                if (refusal is not null && router.Refusal is null)
                    router.Since = _time.ToWallClock(_time.GetMonotonicTime());
                if (refusal is not null && refusal != router.Refusal)
                    Log.RouterRefused(_log, Name(router), refusal);
                router.Refusal = refusal;
            }

            ConfirmGenerations();
            Log.ConfigurationApplied(_log, result.Revision);
            // Routers that stayed as they are report nothing of themselves.
            _sidecar.Send(WriteReportRequest);
            Changed?.Invoke();
        }
    }

    private void ConfirmGenerations()
    {
        foreach (MemberRun member in _members.Values.Where(m => m.Revision <= _appliedRevision))
            member.AppliedGeneration = member.RunningGeneration;
    }

    private void UpdateTargets()
    {
        IEnumerable<IpAddress> primary = _members.Values.SelectMany(m => m.Routers)
            .Where(r => r.Report is { PrimaryAddress: { IsNone: false, IsLinkLocal: false } })
            .Select(r => r.Report!.PrimaryAddress).Order();
        if (_targets.SetPrimaryAddresses(primary.Select(a => a.ToIPAddress())))
            _probers.TargetsChanged();
    }

    private MemberSnapshot Snapshot(MemberRun member)
    {
        ProbeSnapshot? probe = member.Prober?.Snapshot();
        // Worked out once: the two clocks drift, and a status that trembles would be written again and again.
        if (probe is not null && member.ProbeSince.Instant != probe.Since)
            member.ProbeSince = (probe.Since, _time.ToWallClock(probe.Since));
        return new MemberSnapshot
        {
            Namespace = member.Entry.Namespace,
            Name = member.Entry.Name,
            Uid = member.Entry.Uid,
            Running = member.Running,
            ObservedGeneration = member.AppliedGeneration,
            Problem = member.Problem,
            ProblemSince = member.ProblemSince,
            Probe = probe,
            ProbeSince = member.ProbeSince.WallClock,
            Routers = [.. member.Routers.Select(r => new RouterSnapshot(r.Configuration, r.Report, r.Since, r.Refusal))],
        };
    }
}
