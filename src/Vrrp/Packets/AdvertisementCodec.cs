using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>Encodes and decodes advertisements. Received bytes never throw and a drop allocates nothing.</summary>
public static class AdvertisementCodec
{
    /// <summary>The longest message: v3, 255 IPv6 addresses, and an HMAC.</summary>
    public const int LongestMessage = MessageLayout.HeaderLength + (255 * 16) + HmacTrailer.Length;

    /// <summary>
    /// Decodes a message and checks what can be checked without knowing the router: TTL, version, type, length,
    /// checksum, id, count, interval, in this order (RFC 9568 §7.1, RFC 3768 §7.1).
    /// </summary>
    /// <param name="message">The bytes after the IP header; link-layer padding is cut off by the caller.</param>
    /// <returns><see cref="DropReason.None"/> and the advertisement, or the reason.</returns>
    public static DropReason Decode(
        ReadOnlySpan<byte> message, in PacketContext context, out Advertisement advertisement)
    {
        advertisement = default;
        // With unicast too, so nobody beyond a router can take part, nor pretend to (RFC 5082 §3).
        if (context.TimeToLive != 255)
            return DropReason.TimeToLive;
        if (message.Length < MessageLayout.HeaderLength)
            return DropReason.Length;

        IpFamily family = context.Source.Family;
        int number = message[MessageLayout.VersionAndType] >> 4;
        if (number is not (2 or 3) || (number == 2 && family != IpFamily.V4))
            return DropReason.UnknownVersion;
        VrrpVersion version = (VrrpVersion)number;
        if ((message[MessageLayout.VersionAndType] & 0x0f) != MessageLayout.AdvertisementType)
            return DropReason.UnknownType;

        byte count = message[MessageLayout.AddressCount];
        int length = MessageLayout.TotalLength(version, family, count);
        if (message.Length != length && message.Length != length + HmacTrailer.Length)
            return DropReason.Length;
        if (!IsChecksumRight(version, message, length, context))
            return DropReason.Checksum;
        if (!VirtualRouterId.TryCreate(message[MessageLayout.RouterId], out VirtualRouterId id))
            return DropReason.InvalidVirtualRouterId;
        if (count == 0)
            return DropReason.AddressCount;
        Centiseconds interval = MessageLayout.ReadInterval(version, message);
        if (interval.Value == 0)
            return DropReason.InvalidInterval;

        advertisement = new Advertisement
        {
            Version = version,
            Family = family,
            VirtualRouterId = id,
            Priority = new Priority(message[MessageLayout.Priority]),
            AdvertisementInterval = interval,
            AddressCount = count,
            HasHmac = message.Length > length,
            RawAuthenticationType = version == VrrpVersion.V2 ? message[MessageLayout.V2AuthenticationType] : (byte)0,
            Source = context.Source,
        };
        return DropReason.None;
    }

    /// <summary>
    /// Checks a decoded message against the router that it is for: our own packet, version, peer list and destination,
    /// ourselves as address owner, interval (v2), authentication. Other addresses than ours are no reason to drop: see
    /// <see cref="AddressesMatch"/>.
    /// </summary>
    /// <param name="message">The bytes that <paramref name="advertisement"/> was decoded from.</param>
    /// <param name="state">
    /// The router's state: our primary address, and what else is right beside the parameters for a while after they
    /// changed (<see cref="VirtualRouter.PreviousInterval"/>, <see cref="VirtualRouter.PreviousAuthentication"/>).
    /// </param>
    /// <param name="replays">The router's own, used with HMAC only.</param>
    public static DropReason Verify(
        ReadOnlySpan<byte> message,
        in Advertisement advertisement,
        in PacketContext context,
        RouterParameters parameters,
        in RouterState state,
        ReplayGuard replays)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(replays);
        if (advertisement.VirtualRouterId != parameters.VirtualRouterId || advertisement.Family != parameters.Family)
            return DropReason.UnknownVirtualRouterId;
        if (advertisement.Source == state.PrimaryAddress)
            return DropReason.OwnPacket;
        if (advertisement.Version != parameters.Version)
            return DropReason.VersionMismatch;

        DropReason reason = VerifyTransport(context, parameters);
        if (reason != DropReason.None)
            return reason;
        // RFC 9568 §7.1: the address owner never yields, so it does not listen.
        if (parameters.Priority.IsAddressOwner)
            return DropReason.AddressOwner;
        // v2 alone: RFC 3768 §7.1. v3 learns the interval. Before the HMAC, whose number is then not used up by a copy
        // that is for others. DEVIATION: after a change two intervals are ours (docs/adr/0006-interval-change.md).
        if (advertisement.Version == VrrpVersion.V2
            && advertisement.AdvertisementInterval != parameters.AdvertisementInterval
            && advertisement.AdvertisementInterval != VirtualRouter.PreviousInterval(state, context.ReceivedAt))
            return DropReason.IntervalMismatch;

        reason = VerifyAuthentication(message, advertisement, context, parameters, replays);
        return reason != DropReason.None
            && VirtualRouter.PreviousAuthentication(state, context.ReceivedAt) is { } previous
            && VerifyAuthentication(message, advertisement, context, previous, replays) == DropReason.None
            ? DropReason.None
            : reason;
    }

    /// <summary>
    /// Whether the message carries exactly the router's addresses, in any order. Where they differ the caller reports a
    /// misconfiguration and goes on: in v3 that is all (RFC 9568 §7.1), in v2 the check is a MAY (RFC 3768 §7.1), and
    /// dropping would make two Actives whenever addresses change on one member before the other.
    /// </summary>
    public static bool AddressesMatch(
        ReadOnlySpan<byte> message, in Advertisement advertisement, RouterParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (advertisement.Family != parameters.Family || advertisement.AddressCount != parameters.Addresses.Length)
            return false;
        int length = MessageLayout.AddressLength(advertisement.Family);
        ReadOnlySpan<byte> sent = message.Slice(MessageLayout.Addresses, advertisement.AddressCount * length);
        foreach (IpPrefix expected in parameters.Addresses.AsSpan())
        {
            if (!Contains(sent, length, expected.Address))
                return false;
        }

        return true;
    }

    /// <summary>Writes the VRRP message (no IP header) that an effect asks for.</summary>
    /// <param name="parameters">Valid ones, see <see cref="RouterParameters.TryValidate"/>.</param>
    /// <param name="effect">
    /// A <see cref="RouterEffectKind.SendAdvertisement"/>: priority, interval and authentication.
    /// </param>
    /// <param name="sequence">
    /// The router's next number, from <see cref="AdvertisementSequence"/>, the same to all peers; used with HMAC only.
    /// </param>
    /// <param name="source">Our primary address: part of the pseudo-header.</param>
    /// <param name="destination">The group or the peer: part of the pseudo-header.</param>
    /// <param name="buffer">At least <see cref="LongestMessage"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(
        RouterParameters parameters,
        in RouterEffect effect,
        ulong sequence,
        IpAddress source,
        IpAddress destination,
        Span<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        RouterParameters authentication = effect.AuthenticatedBy ?? parameters;
        bool hasHmac = authentication.Authentication == AuthenticationType.Hmac;
        int length = MessageLayout.TotalLength(parameters.Version, parameters.Family, parameters.Addresses.Length);
        Span<byte> message = buffer[..(length + (hasHmac ? HmacTrailer.Length : 0))];
        message.Clear();
        message[MessageLayout.VersionAndType] =
            (byte)(((int)parameters.Version << 4) | MessageLayout.AdvertisementType);
        message[MessageLayout.RouterId] = parameters.VirtualRouterId.Value;
        message[MessageLayout.Priority] = effect.Priority.Value;
        message[MessageLayout.AddressCount] = (byte)parameters.Addresses.Length;
        MessageLayout.WriteInterval(parameters.Version, effect.AdvertisementInterval, message);
        int position = MessageLayout.Addresses;
        // DEVIATION: RFC 9568 §5.2.9 has a link-local IPv6 address first (docs/adr/0017-ipv6-first-address.md).
        foreach (IpPrefix prefix in parameters.Addresses.AsSpan())
            position += prefix.Address.Write(message[position..]);
        if (parameters.Version == VrrpVersion.V2 && authentication.Authentication == AuthenticationType.Simple)
        {
            message[MessageLayout.V2AuthenticationType] = (byte)AuthenticationType.Simple;
            SimplePassword.Write(authentication.AuthenticationKey.AsSpan(), message[position..]);
        }

        if (hasHmac)
            HmacTrailer.Write(message, source, authentication.AuthenticationKey.AsSpan(),
                authentication.AuthenticationKeyId, sequence);

        Span<byte> summed = message[..ChecksummedLength(parameters.Family, length, message.Length)];
        // DEVIATION: RFC 9568 §5.2.8 has none over IPv4, where it is the default (docs/adr/0004-v3-ipv4-checksum.md).
        bool pseudoHeader = parameters.Version == VrrpVersion.V3
            && (parameters.Family == IpFamily.V6 || parameters.PseudoHeaderChecksum);
        uint start = pseudoHeader
            ? InternetChecksum.PseudoHeader(source, destination, MessageLayout.Protocol, summed.Length)
            : 0;
        ushort checksum = InternetChecksum.Fold(InternetChecksum.Add(start, summed));
        BinaryPrimitives.WriteUInt16BigEndian(message[MessageLayout.Checksum..], checksum);
        return message.Length;
    }

    // An IPv6 kernel sums all that follows the IP header; over IPv4 the sum is the message's own, without the trailer.
    private static int ChecksummedLength(IpFamily family, int messageLength, int lengthWithTrailer) =>
        family == IpFamily.V6 ? lengthWithTrailer : messageLength;

    // v2: the whole message, authentication data included (RFC 3768 §5.3.8). v3 over IPv6: with the pseudo-header.
    // v3 over IPv4: RFC 9568 §5.2.8 takes the message alone, RFC 5798 was read as with it; both are accepted.
    // DEVIATION: a sum with the pseudo-header is wrong by RFC 9568 (docs/adr/0004-v3-ipv4-checksum.md).
    private static bool IsChecksumRight(
        VrrpVersion version, ReadOnlySpan<byte> message, int messageLength, in PacketContext context)
    {
        ReadOnlySpan<byte> summed = message[..ChecksummedLength(context.Source.Family, messageLength, message.Length)];
        uint sum = InternetChecksum.Add(0, summed);
        bool alone = InternetChecksum.Fold(sum) == 0;
        if (version == VrrpVersion.V2)
            return alone;
        if (alone && context.Source.Family == IpFamily.V4)
            return true;
        uint pseudoHeader = InternetChecksum.PseudoHeader(
            context.Source, context.Destination, MessageLayout.Protocol, summed.Length);
        return InternetChecksum.Fold(sum + pseudoHeader) == 0;
    }

    private static DropReason VerifyTransport(in PacketContext context, RouterParameters parameters)
    {
        if (parameters.Transport == Transport.Multicast)
            return context.Destination == MulticastGroup.Of(parameters.Family)
                ? DropReason.None
                : DropReason.WrongDestination;
        if (context.Destination.IsMulticast)
            return DropReason.WrongDestination;
        return parameters.Peers.AsSpan().Contains(context.Source) ? DropReason.None : DropReason.UnknownPeer;
    }

    private static DropReason VerifyAuthentication(
        ReadOnlySpan<byte> message,
        in Advertisement advertisement,
        in PacketContext context,
        RouterParameters parameters,
        ReplayGuard replays)
    {
        // v2: the type in the message; HMAC leaves it 0, as there is none. v3 has no such field (RFC 9568 §1.2).
        bool isSimple = parameters.Authentication == AuthenticationType.Simple;
        byte expected = (byte)(isSimple ? AuthenticationType.Simple : AuthenticationType.None);
        bool expectsHmac = parameters.Authentication == AuthenticationType.Hmac;
        if (advertisement.RawAuthenticationType != expected || advertisement.HasHmac != expectsHmac)
            return DropReason.AuthenticationTypeMismatch;
        if (expectsHmac)
            return VerifyHmac(message, context, parameters, replays);
        if (!isSimple)
            return DropReason.None;
        ReadOnlySpan<byte> sent = message[^MessageLayout.V2AuthenticationLength..];
        return SimplePassword.Matches(parameters.AuthenticationKey.AsSpan(), sent)
            ? DropReason.None
            : DropReason.AuthenticationFailed;
    }

    // The cheap checks first; nothing is noted of the sender before it was proven to have the key.
    private static DropReason VerifyHmac(
        ReadOnlySpan<byte> message, in PacketContext context, RouterParameters parameters, ReplayGuard replays)
    {
        ReadOnlySpan<byte> trailer = message[^HmacTrailer.Length..];
        if (!HmacTrailer.IsWellFormed(trailer))
            return DropReason.AuthenticationTypeMismatch;
        if (HmacTrailer.ReadKeyId(trailer) != parameters.AuthenticationKeyId)
            return DropReason.AuthenticationKeyUnknown;
        ulong sequence = HmacTrailer.ReadSequence(trailer);
        DropReason reason = replays.Judge(context.Source, sequence, context.ReceivedAt, context.ReceivedAtUtc);
        if (reason != DropReason.None)
            return reason;
        if (!HmacTrailer.Matches(message, context.Source, parameters.AuthenticationKey.AsSpan()))
            return DropReason.AuthenticationFailed;
        replays.Accept(context.Source, sequence, context.ReceivedAt);
        return DropReason.None;
    }

    private static bool Contains(ReadOnlySpan<byte> sent, int addressLength, IpAddress address)
    {
        for (; !sent.IsEmpty; sent = sent[addressLength..])
        {
            if (IpAddress.Read(sent[..addressLength]) == address)
                return true;
        }

        return false;
    }
}
