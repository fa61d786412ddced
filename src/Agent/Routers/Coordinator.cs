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
/// <see cref="Apply"/>, the sidecar's messages by <see cref="Handle"/>, verdicts come from the probers; out go messages
/// to the sidecar and snapshots. Thread-safe; nothing is awaited under its lock.
/// </summary>
internal sealed class Coordinator : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ISidecar _sidecar;
    private readonly ProberPool _probers;
    private readonly ProbeTargets _targets;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MemberTable _members;
    private readonly HeardSpeakers _heard = new();
    private readonly ReportRefresh _refresh;
    private readonly SidecarPulse _pulse = new();
    private ImmutableArray<RouterConfiguration> _sent = [];
    private HashSet<IpAddress> _primary = [];
    private MemberSet? _set;
    private ulong _revision;
    private ulong _appliedRevision;
    private ProcessReport? _process;
    private TaskCompletionSource _reported = NewSignal();

    public Coordinator(
        ISidecar sidecar, MemberPlan plan, ProbeTargets targets, TimeProvider time, ILogger log)
    {
        _sidecar = sidecar;
        _targets = targets;
        _time = time;
        _log = log;
        _probers = new ProberPool(targets, time, log, Tell);
        _members = new MemberTable(plan, _probers, time, log);
        _refresh = new ReportRefresh(sidecar, time);
        Capture = new Capture(sidecar, time);
    }

    /// <summary>Something changed that a member's status shows. Called under the lock: only set a signal.</summary>
    public event Action? Changed;

    public Capture Capture { get; }

    /// <summary>Runs these members and no others. A member that makes no sense keeps what it ran before.</summary>
    public void Apply(MemberSet set)
    {
        lock (_gate)
        {
            _set = set;
            _members.Apply(set, _revision + 1);
            Configure(set);
        }
    }

    /// <summary>Whether a member waits for a secret that could not be read.</summary>
    public bool LacksSecrets
    {
        get
        {
            lock (_gate)
                return _members.Members.Any(m => m.Problem?.Reason == MemberProblem.SecretUnavailable);
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

    /// <summary>Whether the sidecar gives signs of life; without them, what it told last counts no more.</summary>
    public bool SidecarAnswers
    {
        get
        {
            lock (_gate)
                return _pulse.SilentSince is null;
        }
    }

    /// <summary>What only time changes: hints that grow old, a sidecar that falls silent. To be called every five
    /// seconds.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            MonotonicTime now = _time.GetMonotonicTime();
            bool expired = _pulse.Tick(_time.ToWallClock(now));
            if (expired)
                Log.SidecarSilent(_log);
            foreach (RouterRun router in _members.Routers)
            {
                if (router.Report is not { } report || report.Hints.All(h => now < h.LastSeen.Plus(RouterHint.ToldFor)))
                    continue;
                expired = true;
                RouterReport current =
                    report with { Hints = [.. report.Hints.Where(h => now < h.LastSeen.Plus(RouterHint.ToldFor))] };
                LogHintsGone(router, current);
                router.Report = current;
            }

            if (expired)
                Changed?.Invoke();
        }
    }

    /// <summary>Takes a message of the sidecar.</summary>
    /// <exception cref="ContractException">Malformed, or not for an agent.</exception>
    public void Handle(MessageType type, ReadOnlySpan<byte> payload)
    {
        Beat();
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
            case MessageType.Ping:
                Answer();
                break;
            case MessageType.ReportEnd:
                _refresh.Ended();
                break;
            case MessageType.CapturedReport:
                Capture.Take(CapturedReport.Read(payload));
                break;
            case MessageType.ConfigureResult:
                Take(ConfigureResult.Read(payload));
                break;
            default:
                throw new ContractException($"The sidecar sent {type}, which is for it to receive.");
        }
    }

    /// <summary>The next report of a router.</summary>
    public Task NextReport
    {
        get
        {
            lock (_gate)
                return _reported.Task;
        }
    }

    /// <summary>
    /// Asks the sidecar for fresh reports unless they are; waits for them, but not for a sidecar that does not answer.
    /// </summary>
    public Task RefreshAsync(CancellationToken cancellationToken) =>
        SidecarAnswers ? _refresh.RunAsync(cancellationToken) : Task.CompletedTask;

    public AgentSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new AgentSnapshot
            {
                Source = _set?.Source ?? "",
                Revision = _revision,
                AppliedRevision = _appliedRevision,
                Members = _pulse.SilentSince is { } since
                    ? [.. _members.Snapshot().Select(m => m.Silent(since))]
                    : [.. _members.Snapshot()],
                Heard = _heard.Snapshot(_time.GetMonotonicTime()),
                Process = _process,
                SidecarAnswers = _pulse.SilentSince is null,
            };
        }
    }

    public void Dispose() => _probers.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Configure(MemberSet set)
    {
        ImmutableArray<RouterConfiguration> routers = [.. _members.Routers.Select(r => r.Configuration)];
        if (_revision > 0 && routers.SequenceEqual(_sent))
        {
            // Nothing for the sidecar; a change of the probe or of the explanation is in force already.
            foreach (MemberRun member in _members.Members)
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
                foreach (MemberRun member in _members.Members)
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
                foreach (MemberRun member in _members.Members)
                {
                    if (ReferenceEquals(member.Prober, prober))
                        WriteVerdicts(writer, member, evenIfTold: false);
                }
            });
            Changed?.Invoke();
        }
    }

    // Unknown is never told: the sidecar starts with it, and a new agent or a changed probe must not take a verdict
    // back.
    private static void WriteVerdicts(WireWriter writer, MemberRun member, bool evenIfTold)
    {
        Health verdict = member.Prober?.Verdict ?? Health.Unknown;
        member.HasPassed |= verdict == Health.Passing;
        foreach (RouterRun router in member.Routers.Where(r => r.Configuration.Probed))
        {
            Health told = verdict == Health.Unknown ? router.Told : verdict;
            if (told == Health.Unknown || (told == router.Told && !evenIfTold))
                continue;
            router.Told = told;
            new HealthMessage(router.Configuration.Handle, told).Write(writer);
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (!_pulse.Beat())
                return;
            Log.SidecarAnswers(_log);
            Changed?.Invoke();
        }
    }

    // Under the lock: who could not do anything else any more must not pass for well.
    private void Answer()
    {
        lock (_gate)
        {
            _sidecar.Send(writer =>
            {
                writer.BeginFrame(MessageType.Pong);
                writer.EndFrame();
            });
        }
    }

    private void Take(RouterReport report)
    {
        lock (_gate)
        {
            if (_members.Find(report.Handle) is not { } router)
                return;
            if (router.Report?.Since != report.Since)
                router.Since = _time.ToWallClock(report.Since);
            // What it was refused for may be over: a link that was not there has come.
            if (router.Refusal == router.Report?.Problem && report.Problem.Length == 0)
                router.Refusal = null;
            LogHintsGone(router, report);
            bool moved = router.Report is { } before
                ? before.PrimaryAddress != report.PrimaryAddress
                : !_primary.Contains(report.PrimaryAddress);
            router.Report = report;
            _reported.TrySetResult();
            _reported = NewSignal();
            if (moved)
                UpdateTargets();
            Changed?.Invoke();
        }
    }

    // That there is one the sidecar has logged itself.
    private void LogHintsGone(RouterRun router, RouterReport report)
    {
        ImmutableArray<RouterHint> before = router.Report?.Hints ?? [];
        foreach (RouterHint hint in before.Where(b => !report.Hints.Any(h => h.Kind == b.Kind)))
            Log.HintGone(_log, router.DisplayName, hint.Kind);
    }

    private void Take(HeardReport report)
    {
        lock (_gate)
        {
            _heard.Take(report);
            Changed?.Invoke();
        }
    }

    private void Take(ConfigureResult result)
    {
        lock (_gate)
        {
            _appliedRevision = result.Revision;
            foreach (RouterRun router in _members.Routers)
            {
                string? refusal = result.Problems.FirstOrDefault(p => p.Handle == router.Configuration.Handle)?.Message;
                if (refusal is not null && router.Refusal is null)
                    router.Since = _time.ToWallClock(_time.GetMonotonicTime());
                if (refusal is not null && refusal != router.Refusal)
                    Log.RouterRefused(_log, router.DisplayName, refusal);
                router.Refusal = refusal;
            }

            ConfirmGenerations();
            Log.ConfigurationApplied(_log, result.Revision);
            // Routers that stayed as they are report nothing of themselves.
            _refresh.Request();
            Changed?.Invoke();
        }
    }

    private void ConfirmGenerations()
    {
        foreach (MemberRun member in _members.Members.Where(m => m.Revision <= _appliedRevision))
            member.AppliedGeneration = member.RunningGeneration;
    }

    private void UpdateTargets()
    {
        _primary = [.. _members.Routers.Select(r => r.Report?.PrimaryAddress ?? default)];
        if (_targets.SetPrimaryAddresses(
            _primary.Where(a => a is { IsNone: false, IsLinkLocal: false }).Order().Select(a => a.ToIPAddress())))
            _probers.TargetsChanged();
    }
}
