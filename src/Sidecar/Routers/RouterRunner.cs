using System.Runtime.InteropServices;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Lifelines;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Runs one virtual router as part of its <see cref="RunnerGroup"/>, and keeps what the pure part does not: its link,
/// the addresses that are bound, its counters.
/// </summary>
internal sealed class RouterRunner
{
    private static readonly int CounterCount = Enum.GetValues<RouterCounter>().Length;

    // Of a router that has dropped nothing, as most.
    private static readonly ulong[] NoDrops = new ulong[Enum.GetValues<DropReason>().Length];

    /// <summary>For how long members may differ before that is told.</summary>
    private static readonly TimeSpan DifferencePatience = TimeSpan.FromSeconds(5);

    /// <summary>More than the longest interval.</summary>
    private static readonly TimeSpan DifferenceGap = TimeSpan.FromSeconds(45);

    private readonly EffectExecutor _executor;
    private readonly List<IpPrefix> _bound = [];
    private readonly ulong[] _counters = new ulong[CounterCount];
    private ulong[]? _drops;
    private MonotonicTime _lastHeard;

    public RouterRunner(RouterConfiguration configuration, RunnerGroup group, EffectExecutor executor)
    {
        Configuration = configuration;
        Group = group;
        _executor = executor;
        group.Add(this, RouterState.Initial);
    }

    public RunnerGroup Group { get; private set; }

    public RouterConfiguration Configuration { get; private set; }

    public RouterParameters Parameters => Configuration.Parameters;

    public ref readonly RouterState State => ref Group.StateOf(this);

    /// <summary>Numbers what is sent with HMAC.</summary>
    public AdvertisementSequence Sequence { get; } = new();

    /// <summary>Judges the numbers of what is received with HMAC.</summary>
    public ReplayGuard Replays { get; } = new();

    /// <summary>The link that the router runs on; null while there is none. It may be gone from the table.</summary>
    public Link? Link { get; private set; }

    public AdvertisementChannel? Channel { get; private set; }

    /// <summary>What is wrong, for a person; empty when nothing is.</summary>
    public string Problem { get; set; } = "";

    /// <summary>By which the end of the process that is followed would be noticed at once, if there is one.</summary>
    public Lifeline? Lifeline { get; set; }

    /// <summary>The link with the virtual MAC address, if the router has one now.</summary>
    public VirtualLink? VirtualLink { get; set; }

    /// <summary>The MAC address that the virtual addresses are answered from; zero on a link that has none.</summary>
    public MacAddress HardwareAddress => Parameters.VirtualMac
        ? MacAddress.ForVirtualRouter(Parameters.Family, Parameters.VirtualRouterId)
        : Link?.HardwareAddress ?? default;

    /// <summary>What was <see cref="HardwareAddress"/> when the addresses were announced last.</summary>
    public MacAddress AnnouncedAddress { get; set; }

    /// <summary>The addresses that we have bound.</summary>
    public ReadOnlySpan<IpPrefix> Bound => CollectionsMarshal.AsSpan(_bound);

    /// <summary>The index of the link that <see cref="Bound"/> are bound on.</summary>
    public int BoundOn { get; private set; }

    /// <summary>By <see cref="RouterCounter"/>.</summary>
    public ReadOnlySpan<ulong> Counters => _counters;

    /// <summary>By <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<ulong> Drops => _drops ?? NoDrops;

    /// <summary>What goes wrong around this router.</summary>
    public HintBoard Hints { get; } = new();

    public void Count(RouterCounter counter) => _counters[(int)counter]++;

    public void Attach(Link link, AdvertisementChannel channel)
    {
        Link = link;
        Channel = channel;
        channel.Add(this);
    }

    /// <returns>The channel that the router has left, null if it had none.</returns>
    public AdvertisementChannel? Detach()
    {
        AdvertisementChannel? left = Channel;
        left?.Remove(this);
        Channel = null;
        Link = null;
        return left;
    }

    /// <summary>Takes other parameters over; not the ones that make another router of it.</summary>
    public void Reconfigure(RouterConfiguration configuration)
    {
        bool changed = !Parameters.Equals(configuration.Parameters);
        Configuration = configuration;
        if (!changed)
            return;
        Handle(RouterEvent.ParametersChanged());
        Channel?.HoldersChanged();
    }

    /// <summary>Goes on alone, as it is; its partners do so too.</summary>
    public void LeaveFor(RunnerGroup group)
    {
        RouterState state = State;
        Group.Remove(this);
        Group = group;
        group.Add(this, state);
    }

    /// <summary>Takes an advertisement that has been verified.</summary>
    public void Receive(in Advertisement advertisement, bool addressesMatch)
    {
        Count(RouterCounter.AdvertisementsReceived);
        _lastHeard = MonotonicClock.Now;
        if (advertisement.Priority.IsResigning)
            Count(RouterCounter.PriorityZeroReceived);
        if (!addressesMatch)
        {
            Count(RouterCounter.AddressListMismatches);
            HintIfItLasts(RouterHintKind.OtherAddresses, advertisement.Source);
        }
        else
        {
            Hints.EndRow(RouterHintKind.OtherAddresses);
        }

        // While a change spreads, peers have the interval before it.
        Centiseconds interval = advertisement.AdvertisementInterval;
        if (interval != Parameters.AdvertisementInterval
            && interval != VirtualRouter.PreviousInterval(State, _lastHeard))
            HintIfItLasts(RouterHintKind.OtherInterval, advertisement.Source);
        else
            Hints.EndRow(RouterHintKind.OtherInterval);
        bool lower = advertisement.Priority < State.EffectivePriority && !advertisement.Priority.IsResigning;
        // The peer that we hand over to advertises as it should.
        if (State is { Kind: RouterStateKind.Active, IsHandingOver: false } && lower)
        {
            Count(RouterCounter.LowerPriorityHeardWhileActive);
            NoteTwoActives(advertisement);
        }

        Handle(RouterEvent.Received(advertisement));
    }

    /// <summary>Counts an advertisement with our virtual router id that was not taken.</summary>
    /// <param name="source">Who sent it.</param>
    public void Drop(DropReason reason, IpAddress source)
    {
        (_drops ??= new ulong[NoDrops.Length])[(int)reason]++;
        if (reason is not (DropReason.OwnPacket or DropReason.AddressOwner))
            Hint(RouterHintKind.ForeignSpeaker, source, drop: reason);
    }

    /// <summary>
    /// Takes note that somebody else claims an address that we hold. We go on holding it: such a frame is signed by
    /// nobody, and whoever could take the addresses away by one could do so at will.
    /// </summary>
    public void NoteConflict(in AddressClaim claim)
    {
        Handle(RouterEvent.AddressClaimed());
        MonotonicTime now = MonotonicClock.Now;
        if (State.Kind != RouterStateKind.Active || State.IsHandingOver || now < EndOfGrace())
            return;
        Count(RouterCounter.AddressConflicts);
        long patience = RouterTiming.ActiveDownNanoseconds(
            Parameters.Version, State.EffectivePriority, Parameters.AdvertisementInterval);
        bool isHeard = _lastHeard != default && now < _lastHeard.PlusNanoseconds(patience);
        Hint(isHeard ? RouterHintKind.AddressConflict : RouterHintKind.HeldElsewhere, claim.Address, claim.Holder);

        MonotonicTime EndOfGrace() =>
            (State.Since < State.LeftBehindUntil ? State.LeftBehindUntil : State.Since)
            .PlusNanoseconds(RouterTiming.YieldingGrace);
    }

    /// <summary>Whether something that we have bound is not in the table.</summary>
    public bool IsMissed(LinkTable links)
    {
        Link? holder = links.ByIndex(BoundOn);
        foreach (IpPrefix address in Bound)
        {
            if (holder is null || !holder.Holds(address))
                return true;
        }

        return false;
    }

    /// <summary>Looks whether the link still holds what we have bound there.</summary>
    public void CheckBound(LinkTable links)
    {
        Link? holder = links.ByIndex(BoundOn);
        // The virtual link is ours alone: down is as good as gone. The parent's ups and downs are told as such.
        bool serves = holder is not null && (VirtualLink is null || (holder.Flags & LinkFlags.Up) != 0);
        int before = _bound.Count;
        for (int i = before - 1; i >= 0; i--)
        {
            if (!serves || !holder!.Holds(_bound[i]))
                _bound.RemoveAt(i);
        }

        int lost = before - _bound.Count;
        if (lost == 0)
            return;
        Handle(RouterEvent.AddressLost());
        // The kernel took them when their lifetime was over: no other program did.
        if (State.Reason == TransitionReason.LoopStalled)
            return;
        Hint(RouterHintKind.AddressesRemoved);
        if (State.Kind == RouterStateKind.Active)
            _counters[(int)RouterCounter.AddressesRestored] += (ulong)lost;
    }

    /// <summary>Takes one event and whatever follows from it.</summary>
    public void Handle(in RouterEvent @event) => Group.Handle(this, @event);

    /// <summary>Notes what no event tells of: what has not happened for a while, or is so by configuration.</summary>
    public void LookForHints()
    {
        NoteWhile(VirtualRouter.IsOverdue(State, MonotonicClock.Now), RouterHintKind.AdvertisementsLost);
        NoteWhile(State is { Kind: RouterStateKind.Fault, Reason: TransitionReason.NoPeers }, RouterHintKind.NoPeers);
    }

    private void NoteWhile(bool holds, RouterHintKind kind)
    {
        if (holds)
            NoteAndLog(kind, default, default, default);
        else
            Hints.Clear(kind);
    }

    /// <summary>Notes a hint, says so in the log, and if it is new tells the agent.</summary>
    public void Hint(RouterHintKind kind, IpAddress source = default, MacAddress hardwareAddress = default,
        DropReason drop = default)
    {
        if (NoteAndLog(kind, source, hardwareAddress, drop))
            _executor.Tell(this);
    }

    // A change reaches one member after the other.
    private void HintIfItLasts(RouterHintKind kind, IpAddress source)
    {
        if (Hints.Lasts(kind, DifferencePatience, DifferenceGap))
            Hint(kind, source);
    }

    // One that yields to us answers once (docs/adr/0018-the-one-that-yields-answers-once.md). One that does not yield
    // goes on advertising.
    private void NoteTwoActives(in Advertisement other)
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(other.AdvertisementInterval.Value * 10);
        if (!Hints.Lasts(RouterHintKind.TwoActives, 0.8 * interval, 2.5 * interval))
            return;
        if (Hints.Note(RouterHintKind.TwoActives, other.Source))
            _executor.Tell(this);
        _executor.ReportTwoActives(this, other);
    }

    private bool NoteAndLog(RouterHintKind kind, IpAddress source, MacAddress hardwareAddress, DropReason drop)
    {
        bool isNew = Hints.Note(kind, source, hardwareAddress, drop);
        _executor.ReportHint(this, Hints.Latest(kind));
        return isNew;
    }

    /// <summary>The loop comes this much later than it should have; more than an interval is worth telling.</summary>
    public void NoteLateness(TimeSpan late)
    {
        if (late.Ticks * 100 <= Parameters.AdvertisementInterval.Nanoseconds)
            return;
        Count(RouterCounter.LateWakeUps);
        Hints.Note(RouterHintKind.LoopLate);
        _executor.ReportLateness(this, late);
    }

    public void MarkBound(int linkIndex, ReadOnlySpan<IpPrefix> addresses)
    {
        BoundOn = linkIndex;
        _bound.Clear();
        _bound.AddRange(addresses);
    }
}
