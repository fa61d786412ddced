namespace VipOperator.Vrrp;

/// <summary>
/// Tells advertisements that were recorded and sent again, by what one router has accepted from each sender
/// (docs/adr/0016-hmac.md). Nothing is noted before the HMAC was found right.
/// </summary>
/// <remarks>
/// Numbers of a sender must grow. Beside that they must be of these five minutes by our clock, but for a sender that
/// was accepted in these five minutes: neither its clock nor ours can be set in a way that makes two Active routers.
/// </remarks>
public sealed class ReplayGuard
{
    /// <summary>keepalived allows up to this; clocks further apart break more than VRRP.</summary>
    internal const int WindowSeconds = 300;

    // Only Active routers send: more than two at a time are rare, and each was proven to have the key.
    private const int MostSenders = 8;

    // Made with the first number, which most routers never see.
    private Sender[]? _senders;

    /// <summary>Judges a number before the HMAC is computed, so that a flood of replays costs little.</summary>
    internal DropReason Judge(IpAddress source, ulong sequence, MonotonicTime now, UtcTime utc)
    {
        bool isFresh = SequenceNumber.IsWithin(sequence, utc, WindowSeconds);
        ref readonly Sender sender = ref Find(source);
        if (sender.Address != source)
            return isFresh ? DropReason.None : DropReason.AuthenticationStale;
        if (SequenceNumber.IsAfter(sequence, sender.Sequence))
        {
            bool isInTouch = now < sender.AcceptedAt.Plus(TimeSpan.FromSeconds(WindowSeconds));
            return isFresh || isInTouch ? DropReason.None : DropReason.AuthenticationStale;
        }

        // Smaller numbers begin when the sender's clock had been wrong, was set right, and the sender was restarted.
        // What the window would keep out anyway needs no mark.
        return isFresh && !SequenceNumber.IsWithin(sender.Sequence, utc, WindowSeconds)
            ? DropReason.None
            : DropReason.AuthenticationReplayed;
    }

    /// <summary>Notes a number whose HMAC was right.</summary>
    internal void Accept(IpAddress source, ulong sequence, MonotonicTime now) =>
        Find(source) = new Sender(source, sequence, now);

    // The sender's place, else the one that was used least recently; an unused one was never.
    private ref Sender Find(IpAddress source)
    {
        _senders ??= new Sender[MostSenders];
        ref Sender oldest = ref _senders[0];
        foreach (ref Sender sender in _senders.AsSpan())
        {
            if (sender.Address == source)
                return ref sender;
            if (sender.AcceptedAt < oldest.AcceptedAt)
                oldest = ref sender;
        }

        return ref oldest;
    }

    private readonly record struct Sender(IpAddress Address, ulong Sequence, MonotonicTime AcceptedAt);
}
