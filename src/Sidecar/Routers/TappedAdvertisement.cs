using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// One advertisement that goes by, for the moment of telling it. Of a message that could not be decoded there is the
/// head alone.
/// </summary>
internal readonly ref struct TappedAdvertisement
{
    /// <summary>Where the addresses begin in a message, and the fields before them (RFC 9568 §5.1).</summary>
    private const int AddressesOffset = 8;

    public required CapturedAs As { get; init; }

    public DropReason Reason { get; init; }

    public required MonotonicTime At { get; init; }

    public required int LinkIndex { get; init; }

    public required IpAddress Source { get; init; }

    public IpAddress Destination { get; init; }

    public byte Version { get; init; }

    public byte RouterId { get; init; }

    public Priority Priority { get; init; }

    public Centiseconds Interval { get; init; }

    public byte RawAuthenticationType { get; init; }

    public bool HasHmac { get; init; }

    /// <summary>Of one that we sent.</summary>
    public ReadOnlySpan<IpPrefix> OwnAddresses { get; init; }

    /// <summary>Of one that was decoded: the whole message.</summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>In <see cref="Message"/>.</summary>
    public int AddressCount { get; init; }

    /// <param name="at">As the agent has it.</param>
    public void Write(WireWriter writer, MonotonicTime at, string interfaceName, ulong missed)
    {
        int own = Math.Min(OwnAddresses.Length, CapturedReport.MostAddresses);
        int others = Math.Min(AddressCount, CapturedReport.MostAddresses);
        CapturedReport.WriteHead(
            writer, As, Reason, at, interfaceName, Source, Destination, Version, RouterId, Priority, Interval,
            RawAuthenticationType, HasHmac,
            missed, own + others);
        for (int i = 0; i < own; i++)
            writer.WriteAddress(OwnAddresses[i].Address);
        for (int i = 0; i < others; i++)
            writer.WriteAddress(IpAddress.Read(Message.Slice(AddressesOffset + (i * Source.Length), Source.Length)));
        writer.EndFrame();
    }
}

/// <returns>false: it could not be told.</returns>
internal delegate bool TapHandler(in TappedAdvertisement tapped, ulong missed);
