using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A pod that takes part, with its place.</summary>
/// <param name="Node">null when there is no such node any more.</param>
/// <param name="Member">null when it joins.</param>
/// <param name="Score">The sum of the weights of the preferences that its node matches.</param>
/// <param name="Position">
/// Its place in the status written last, or a number beyond all of them: what tells those apart that share the lowest
/// priority.
/// </param>
/// <param name="Flaw">Why it ranks behind all that have none; null when it is fit.</param>
internal sealed record Contender(
    PodObject Pod, NodeObject? Node, MemberObject? Member, int Score, int Position, Flaw? Flaw)
{
    /// <summary>
    /// How long a sidecar that is heard of may take to take a spec over; usually it is well below a second.
    /// </summary>
    internal static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    /// <summary>For how much longer its answer is waited for; null: it has answered, or its time is over.</summary>
    public TimeSpan? AnswersWithin { get; private init; }

    /// <summary>Whether it should have answered long ago.</summary>
    public bool IsOverdue { get; private init; }

    /// <summary>
    /// Where unicast peers send to: its node's first address of each family that the VirtualIP uses; fewer where one is
    /// not known.
    /// </summary>
    public ValueList<IpAddress> PeerAddresses { get; init; } = [];

    /// <summary>The priority that the VirtualIP's status says was given to it; null: it says nothing of it.</summary>
    public Priority? Given { get; init; }

    /// <summary>
    /// Where it stood; null when it joins, or that is not known. The VirtualIP's own record counts before the member's
    /// spec, which a person may have edited.
    /// </summary>
    public Priority? Standing => Member is null ? null : Given ?? Member.Spec?.Priority;

    /// <summary>Why its sidecar is known to be down; goes behind "because". null when it may run.</summary>
    public string? Downtime => this switch
    {
        { Node: not { Ready: true } } => "its node is not Ready",
        { Pod.SidecarDown: true } => "its container vip-sidecar does not run",
        _ => null,
    };

    /// <summary>
    /// Why what its sidecar said last cannot be taken for what is; goes behind "because". null when it can.
    /// </summary>
    public string? Silence => Downtime ?? (IsOverdue ? "its sidecar has not taken over what was written for it" : null);

    public bool IsActive => Silence is null && Member?.Report?.State == RouterCondition.Active;

    /// <summary>Whether the member is said to be waited for only from a time on that is yet to come.</summary>
    public static bool IsAhead(MemberObject? member, long nowUnixMs) =>
        member is { Report: not null, HasAnswered: false, Spec.AwaitedSinceUnixS: { } sinceUnixS }
        && (sinceUnixS * 1000) - nowUnixMs > (long)AnswerTime.TotalMilliseconds;

    /// <summary>The same, with how long its answer has been waited for.</summary>
    public Contender At(long nowUnixMs)
    {
        if (Member is not { Report: not null, HasAnswered: false, Spec.AwaitedSinceUnixS: { } sinceUnixS })
            return this;

        // Written by another instance whose clock is ahead, or before this clock was set back: the time does not run
        // until this clock gets there. What lies too far ahead is written anew (see IsAhead), so that it does run out.
        long left = Math.Min((sinceUnixS * 1000) - nowUnixMs, 0) + (long)AnswerTime.TotalMilliseconds;
        return left > 0
            ? this with { AnswersWithin = TimeSpan.FromMilliseconds(left) }
            : this with { IsOverdue = true };
    }
}
