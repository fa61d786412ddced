using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>A speaker heard on a link whose advertisements belong to none of our routers, or were dropped.</summary>
/// <param name="InterfaceName">Where it was heard.</param>
/// <param name="VirtualRouterId">The id in the packet, 0–255 as received.</param>
/// <param name="Version">The version in the packet, as received.</param>
/// <param name="Priority">The priority in the packet, as received.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Reason">Why it was not taken.</param>
/// <param name="LastHeard">On CLOCK_MONOTONIC.</param>
/// <param name="Count">How many of this kind since the sidecar started.</param>
public sealed record HeardReport(
    string InterfaceName,
    byte VirtualRouterId,
    byte Version,
    Priority Priority,
    IpAddress Source,
    DropReason Reason,
    MonotonicTime LastHeard,
    ulong Count)
{
    public void Write(WireWriter writer) =>
        Write(writer, InterfaceName, VirtualRouterId, Version, Priority, Source, Reason, LastHeard, Count);

    /// <summary>Writes a report without making one, for the loop.</summary>
    public static void Write(
        WireWriter writer,
        string interfaceName,
        byte virtualRouterId,
        byte version,
        Priority priority,
        IpAddress source,
        DropReason reason,
        MonotonicTime lastHeard,
        ulong count)
    {
        writer.BeginFrame(MessageType.HeardReport);
        writer.WriteString(interfaceName);
        writer.WriteByte(virtualRouterId);
        writer.WriteByte(version);
        writer.WriteByte(priority.Value);
        writer.WriteAddress(source);
        writer.WriteByte((byte)reason);
        writer.WriteInt64(lastHeard.Nanoseconds);
        writer.WriteUInt64(count);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static HeardReport Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        HeardReport report = new(
            reader.ReadString(),
            reader.ReadByte(),
            reader.ReadByte(),
            new Priority(reader.ReadByte()),
            reader.ReadAddress(),
            reader.ReadEnum<DropReason>(),
            new MonotonicTime(reader.ReadInt64()),
            reader.ReadUInt64());
        reader.ExpectEnd();
        return report;
    }
}
