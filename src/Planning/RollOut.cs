using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>What a member may do now.</summary>
internal enum Turn
{
    /// <summary>Take the spec that is wanted.</summary>
    Now,

    /// <summary>
    /// Take it with a short interval for the time being: its router begins anew, and nobody else speaks that could be
    /// Active instead.
    /// </summary>
    Alone,

    /// <summary>Take it, but run no router yet.</summary>
    HeldBack,

    /// <summary>Go on with the spec that it has.</summary>
    AsItIs,

    /// <summary>Not be made yet: the others do not listen to it.</summary>
    NotYet,
}

/// <summary>
/// In which order members take a spec over. Members that differ in version, id, transport or link do not hear each
/// other, and each side would have its Active. So all but one fall silent first; when they have said so, that one
/// changes; when it has said so, the others follow. And with the unicast transport nobody begins to speak before all
/// who speak know it. Everything is read off the members, so that any other operator can go on where one has stopped
/// (docs/adr/0021-roll-outs.md).
/// </summary>
internal static class RollOut
{
    /// <summary>The reason in the report of a member that runs no router because it is held back.</summary>
    public const string HeldBackReason = "HeldBack";

    /// <summary>
    /// A router that begins anew is Active after an Active_Down_Interval, which is three of these: 0.3 s. Version 2 has
    /// none below 1 s.
    /// </summary>
    private static readonly Centiseconds AloneInterval = new(10);

    /// <summary>The settings of one that is <see cref="Turn.Alone"/>.</summary>
    public static RouterSettings Hastened(RouterSettings settings) =>
        settings.Version == VrrpVersion.V3 && settings.AdvertisementInterval.Value > AloneInterval.Value
            ? settings with { AdvertisementInterval = AloneInterval }
            : settings;

    /// <param name="all">The best first.</param>
    /// <param name="wanted">What each of <paramref name="all"/> is to have in the end.</param>
    public static Turn[] TurnsOf(List<Contender> all, IReadOnlyList<MemberSpec> wanted, long nowUnixMs)
    {
        Turn[] turns = new Turn[all.Count];
        if (all.Count == 0)
            return turns;
        (VrrpVersion, VirtualRouterId, Transport, string?) language = LanguageOf(wanted[0]);
        Contender[] heard = [.. all.Where(IsHeard)];
        Contender[] old = [.. heard.Where(c => !c.Member!.Spec!.Standby && LanguageOf(c.Member.Spec) != language)];
        if (old.Length > 0)
        {
            Contender last = Array.Find(old, c => c.IsActive) ?? old[0];
            bool alone = heard.All(c => c == last || (c.Member!.Spec!.Standby && HasTaken(c)));
            for (int i = 0; i < turns.Length; i++)
                turns[i] = all[i] != last ? Turn.HeldBack : !alone
                    ? Turn.AsItIs
                    : BeginsAnew(last.Member!.Spec!, wanted[i]) ? Turn.Alone : Turn.Now;
        }
        else if (heard.Any(MaySpeakAnother))
        {
            for (int i = 0; i < turns.Length; i++)
                turns[i] = all[i].Member is null ? Turn.NotYet : all[i].Member!.Spec is { Standby: true }
                    ? Turn.HeldBack : Turn.Now;
        }

        if (wanted[0].Router.Transport == Transport.Unicast)
        {
            for (int i = 0; i < turns.Length; i++)
            {
                bool isSilent = all[i].Member is null or { Spec.Standby: true };
                if (isSilent && turns[i] == Turn.Now && !heard.All(c => c == all[i] || Knows(c, wanted[i].NodeName)))
                    turns[i] = all[i].Member is null ? Turn.NotYet : Turn.HeldBack;
            }
        }

        for (int i = 0; i < turns.Length; i++)
        {
            if (turns[i] == Turn.Now && IsBeginning(all[i], wanted[i].Router, all, nowUnixMs))
                turns[i] = Turn.Alone;
        }

        return turns;
    }

    // It was alone, and has not become Active since: a longer interval would have it wait for longer. Not for ever, for
    // it may be unable to.
    private static bool IsBeginning(Contender contender, RouterSettings wanted, List<Contender> all, long nowUnixMs)
    {
        RouterSettings hastened = Hastened(wanted);
        if (hastened == wanted || contender.Member?.Spec?.Router != hastened)
            return false;
        foreach (Contender other in all)
        {
            if (other != contender && other.Member?.Spec is { Standby: false } spec
                && (spec.Router.AdvertisementInterval != wanted.AdvertisementInterval || other.IsActive))
                return false;
        }

        return !HasTaken(contender)
            || (contender.Member.Report is { State: not RouterCondition.Active } report
                && Availability.UntilSettled([report], nowUnixMs) is not null);
    }

    // On another link, or by another version or id, it is another router; by another transport it goes on.
    private static bool BeginsAnew(MemberSpec before, MemberSpec after) =>
        before.Router.Version != after.Router.Version
            || before.VirtualRouterId != after.VirtualRouterId
            || before.InterfaceName != after.InterfaceName;

    /// <summary>Who hears whom.</summary>
    public static (VrrpVersion Version, VirtualRouterId Id, Transport Transport, string? Link) LanguageOf(
        MemberSpec spec) =>
        (spec.Router.Version, spec.VirtualRouterId, spec.Router.Transport, spec.InterfaceName);

    // One that never reported, or that is known to be down, cannot be waited for. One that does not answer may speak
    // all the same.
    public static bool IsHeard(Contender contender) =>
        contender is { Downtime: null, Member: { Spec: not null, Report: not null } };

    private static bool HasTaken(Contender contender) => contender.Member!.HasAnswered;

    // What is written for it says nothing of what it runs: it has not taken that over yet.
    private static bool MaySpeakAnother(Contender contender) =>
        !HasTaken(contender) && contender.Member!.Report!.Reason != HeldBackReason;

    private static bool Knows(Contender contender, string node) =>
        HasTaken(contender) && contender.Member!.Spec!.Peers is { } peers && peers.Any(p => p.NodeName == node);
}
