using System.Collections.Immutable;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>What became of an advertisement. The numbers cross the contract: only append.</summary>
public enum CapturedAs : byte
{
    /// <summary>We sent it.</summary>
    Sent = 0,

    /// <summary>A router of ours took it.</summary>
    Taken = 1,

    /// <summary>It came in and was dropped.</summary>
    Dropped = 2,
}

/// <summary>
/// Sidecar to agent, during a capture: one advertisement, decoded. Neither its bytes nor its password or key ever go
/// this way.
/// </summary>
public sealed record CapturedReport
{
    /// <summary>What is told of a longer list of addresses.</summary>
    public const int MostAddresses = 64;

    public required CapturedAs As { get; init; }

    /// <summary>Of a dropped one: why.</summary>
    public required DropReason Reason { get; init; }

    /// <summary>On CLOCK_MONOTONIC.</summary>
    public required MonotonicTime At { get; init; }

    public required string InterfaceName { get; init; }

    public required IpAddress Source { get; init; }

    /// <summary>The group or the receiver; none where we sent it to several peers.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>As in the packet, as are the next two; 0 where it is too short to have one.</summary>
    public required byte Version { get; init; }

    public required byte VirtualRouterId { get; init; }

    public required Priority Priority { get; init; }

    /// <summary>0 where the packet could not be decoded; then there are no addresses either.</summary>
    public required Centiseconds AdvertisementInterval { get; init; }

    /// <summary>v2: the raw Auth Type byte; v3: 0.</summary>
    public required byte RawAuthenticationType { get; init; }

    public required bool HasHmac { get; init; }

    /// <summary>How many were not told since the one before, because they came too fast.</summary>
    public required ulong Missed { get; init; }

    public required ImmutableArray<IpAddress> Addresses { get; init; }

    /// <exception cref="ContractException">Malformed.</exception>
    public static CapturedReport Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        CapturedReport report = new()
        {
            As = reader.ReadEnum<CapturedAs>(),
            Reason = reader.ReadEnum<DropReason>(),
            At = new MonotonicTime(reader.ReadInt64()),
            InterfaceName = reader.ReadString(),
            Source = reader.ReadAddress(),
            Destination = reader.ReadAddress(),
            Version = reader.ReadByte(),
            VirtualRouterId = reader.ReadByte(),
            Priority = new Priority(reader.ReadByte()),
            AdvertisementInterval = new Centiseconds(reader.ReadInt32()),
            RawAuthenticationType = reader.ReadByte(),
            HasHmac = reader.ReadBoolean(),
            Missed = reader.ReadUInt64(),
            Addresses = ReadAddresses(ref reader),
        };
        reader.ExpectEnd();
        return report;
    }

    public void Write(WireWriter writer)
    {
        WriteHead(
            writer, As, Reason, At, InterfaceName, Source, Destination, Version, VirtualRouterId,
            Priority, AdvertisementInterval,
            RawAuthenticationType, HasHmac, Missed, Math.Min(Addresses.Length, MostAddresses));
        foreach (IpAddress address in Addresses.AsSpan(0, Math.Min(Addresses.Length, MostAddresses)))
            writer.WriteAddress(address);
        writer.EndFrame();
    }

    /// <summary>
    /// Begins a report without making one, for the loop; <paramref name="addressCount"/> addresses and the end of the
    /// frame are to follow.
    /// </summary>
    public static void WriteHead(
        WireWriter writer,
        CapturedAs capturedAs,
        DropReason reason,
        MonotonicTime at,
        string interfaceName,
        IpAddress source,
        IpAddress destination,
        byte version,
        byte virtualRouterId,
        Priority priority,
        Centiseconds advertisementInterval,
        byte rawAuthenticationType,
        bool hasHmac,
        ulong missed,
        int addressCount)
    {
        writer.BeginFrame(MessageType.CapturedReport);
        writer.WriteByte((byte)capturedAs);
        writer.WriteByte((byte)reason);
        writer.WriteInt64(at.Nanoseconds);
        writer.WriteString(interfaceName);
        writer.WriteAddress(source);
        writer.WriteAddress(destination);
        writer.WriteByte(version);
        writer.WriteByte(virtualRouterId);
        writer.WriteByte(priority.Value);
        writer.WriteInt32(advertisementInterval.Value);
        writer.WriteByte(rawAuthenticationType);
        writer.WriteBoolean(hasHmac);
        writer.WriteUInt64(missed);
        writer.WriteByte((byte)addressCount);
    }

    private static ImmutableArray<IpAddress> ReadAddresses(ref WireReader reader)
    {
        ImmutableArray<IpAddress>.Builder addresses = ImmutableArray.CreateBuilder<IpAddress>();
        for (int count = reader.ReadByte(); count > 0; count--)
            addresses.Add(reader.ReadAddress());
        return addresses.ToImmutable();
    }
}
