using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>What a member may do now.</summary>
internal enum Turn
{
    /// <summary>Take the spec that is wanted.</summary>
    Now,

    /// <summary>Take it, but run no router yet.</summary>
    HeldBack,

    /// <summary>Go on with the spec that it has.</summary>
    AsItIs,

    /// <summary>Not be made yet: the others do not listen to it.</summary>
    NotYet,
}

/// <summary>
/// In which order members take a spec over. Members that differ in version, id, transport or link do not hear each other, and each side
/// would have its Active. So all but one fall silent first; when they have said so, that one changes; when it has said so, the others
/// follow. And with the unicast transport nobody begins to speak before all who speak know it. Everything is read off the members, so
/// that any other operator can go on where one has stopped (docs/adr/0021-roll-outs.md).
/// </summary>
internal static class RollOut
{
    /// <summary>The reason in the report of a member that runs no router because it is held back.</summary>
    public const string HeldBackReason = "HeldBack";

    /// <param name="wanted">What each contender of <paramref name="ranking"/> is to have in the end.</param>
    public static Turn[] TurnsOf(Ranking ranking, IReadOnlyList<MemberSpec> wanted)
    {
        List<Contender> all = ranking.InOrder;
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
                turns[i] = all[i] != last ? Turn.HeldBack : alone ? Turn.Now : Turn.AsItIs;
        }
        else if (heard.Any(MaySpeakAnother))
        {
            for (int i = 0; i < turns.Length; i++)
                turns[i] = all[i].Member is null ? Turn.NotYet : all[i].Member!.Spec is { Standby: true } ? Turn.HeldBack : Turn.Now;
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

        return turns;
    }

    /// <summary>Who hears whom.</summary>
    private static (VrrpVersion Version, VirtualRouterId Id, Transport Transport, string? Link) LanguageOf(MemberSpec spec) =>
        (spec.Router.Version, spec.VirtualRouterId, spec.Router.Transport, spec.InterfaceName);

    // One that never reported, or that is known to be down, cannot be waited for. One that does not answer may speak all the same.
    private static bool IsHeard(Contender contender) =>
        contender is { Downtime: null, Member: { Spec: not null, Report: not null } };

    private static bool HasTaken(Contender contender) => contender.Member!.HasAnswered;

    // What is written for it says nothing of what it runs: it has not taken that over yet.
    private static bool MaySpeakAnother(Contender contender) =>
        !HasTaken(contender) && contender.Member!.Report!.Reason != HeldBackReason;

    private static bool Knows(Contender contender, string node) =>
        HasTaken(contender) && contender.Member!.Spec!.Peers is { } peers && peers.Any(p => p.NodeName == node);
}
