using System.Collections.Immutable;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>One router as the sidecar sees it.</summary>
public sealed record RouterReport
{
    private static readonly ImmutableArray<ulong> NoDrops = [.. new ulong[Enum.GetValues<DropReason>().Length]];

    public required uint Handle { get; init; }

    public required RouterStateKind State { get; init; }

    /// <summary>Why <see cref="State"/> was entered.</summary>
    public required TransitionReason Reason { get; init; }

    /// <summary>When <see cref="State"/> was entered, on CLOCK_MONOTONIC, which both halves read.</summary>
    public required MonotonicTime Since { get; init; }

    public required Priority EffectivePriority { get; init; }

    /// <summary>The link that the router runs on; empty while there is none.</summary>
    public required string InterfaceName { get; init; }

    /// <summary>The address that it advertises from; none while there is none.</summary>
    public required IpAddress PrimaryAddress { get; init; }

    /// <summary>The Active router heard last; none if none was, or we are it.</summary>
    public required IpAddress ActiveAddress { get; init; }

    public required Priority ActivePriority { get; init; }

    /// <summary>Whether the end of the process that is followed would be noticed at once.</summary>
    public bool HasLifeline { get; init; }

    /// <summary>The interval in force: ours, or the one learned from the Active router.</summary>
    public required Centiseconds ActiveAdvertisementInterval { get; init; }

    /// <summary>The addresses that are bound on the link at this moment.</summary>
    public required ImmutableArray<IpPrefix> BoundAddresses { get; init; }

    /// <summary>What is wrong, for a person; empty when nothing is.</summary>
    public required string Problem { get; init; }

    /// <summary>By <see cref="RouterCounter"/>.</summary>
    public required ImmutableArray<ulong> Counters { get; init; }

    /// <summary>By <see cref="DropReason"/>.</summary>
    public required ImmutableArray<ulong> Drops { get; init; }

    /// <summary>What goes wrong, at most one of a kind; empty when nothing does.</summary>
    public ImmutableArray<RouterHint> Hints { get; init; } = [];

    public void Write(WireWriter writer) => Write(
        writer, Handle, State, Reason, Since, EffectivePriority, InterfaceName, PrimaryAddress,
        ActiveAddress, ActivePriority,
        HasLifeline, ActiveAdvertisementInterval, BoundAddresses.AsSpan(), Problem, Counters.AsSpan(),
        Drops.AsSpan(), Hints.AsSpan());

    /// <summary>Writes a report without making one, for the loop.</summary>
    public static void Write(
        WireWriter writer,
        uint handle,
        RouterStateKind state,
        TransitionReason reason,
        MonotonicTime since,
        Priority effectivePriority,
        string interfaceName,
        IpAddress primaryAddress,
        IpAddress activeAddress,
        Priority activePriority,
        bool hasLifeline,
        Centiseconds activeAdvertisementInterval,
        ReadOnlySpan<IpPrefix> boundAddresses,
        string problem,
        ReadOnlySpan<ulong> counters,
        ReadOnlySpan<ulong> drops,
        ReadOnlySpan<RouterHint> hints)
    {
        writer.BeginFrame(MessageType.RouterReport);
        writer.WriteUInt32(handle);
        writer.WriteByte((byte)state);
        writer.WriteByte((byte)reason);
        writer.WriteInt64(since.Nanoseconds);
        writer.WriteByte(effectivePriority.Value);
        writer.WriteString(interfaceName);
        writer.WriteAddress(primaryAddress);
        writer.WriteAddress(activeAddress);
        writer.WriteByte(activePriority.Value);
        writer.WriteByte(hasLifeline ? (byte)1 : (byte)0);
        writer.WriteInt32(activeAdvertisementInterval.Value);
        writer.WriteUInt16((ushort)boundAddresses.Length);
        foreach (IpPrefix address in boundAddresses)
            writer.WritePrefix(address);
        writer.WriteString(problem);
        WriteCounters(writer, counters);
        WriteCounters(writer, drops);
        writer.WriteByte((byte)hints.Length);
        foreach (RouterHint hint in hints)
            hint.Write(writer);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static RouterReport Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        RouterReport report = new()
        {
            Handle = reader.ReadUInt32(),
            State = reader.ReadEnum<RouterStateKind>(),
            Reason = reader.ReadEnum<TransitionReason>(),
            Since = new MonotonicTime(reader.ReadInt64()),
            EffectivePriority = new Priority(reader.ReadByte()),
            InterfaceName = reader.ReadString(),
            PrimaryAddress = reader.ReadAddress(),
            ActiveAddress = reader.ReadAddress(),
            ActivePriority = new Priority(reader.ReadByte()),
            HasLifeline = reader.ReadByte() != 0,
            ActiveAdvertisementInterval = new Centiseconds(reader.ReadInt32()),
            BoundAddresses = ReadPrefixes(ref reader),
            Problem = reader.ReadString(),
            Counters = ReadCounters(ref reader),
            Drops = ReadCounters(ref reader),
            Hints = ReadHints(ref reader),
        };
        reader.ExpectEnd();
        return report;
    }

    private static void WriteCounters(WireWriter writer, ReadOnlySpan<ulong> counters)
    {
        writer.WriteByte((byte)counters.Length);
        foreach (ulong counter in counters)
            writer.WriteUInt64(counter);
    }

    private static ImmutableArray<ulong> ReadCounters(ref WireReader reader)
    {
        Span<ulong> counters = stackalloc ulong[reader.ReadByte()];
        foreach (ref ulong counter in counters)
            counter = reader.ReadUInt64();
        // Most routers drop nothing, and there are thousands of them.
        return counters.SequenceEqual(NoDrops.AsSpan()) ? NoDrops : [.. counters];
    }

    private static ImmutableArray<RouterHint> ReadHints(ref WireReader reader)
    {
        ImmutableArray<RouterHint>.Builder hints = ImmutableArray.CreateBuilder<RouterHint>();
        for (int count = reader.ReadByte(); count > 0; count--)
            hints.Add(RouterHint.Read(ref reader));
        return hints.ToImmutable();
    }

    private static ImmutableArray<IpPrefix> ReadPrefixes(ref WireReader reader)
    {
        ImmutableArray<IpPrefix>.Builder prefixes = ImmutableArray.CreateBuilder<IpPrefix>();
        for (int count = reader.ReadUInt16(); count > 0; count--)
            prefixes.Add(reader.ReadPrefix());
        return prefixes.ToImmutable();
    }
}
