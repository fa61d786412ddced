namespace VipOperator.Sidecar.Contract;

/// <summary>The sidecar process as a whole.</summary>
/// <param name="AgentStarts">How often the agent was started, this one included.</param>
/// <param name="LoopIterations">Wake-ups of the event loop since the start.</param>
/// <param name="LoopAllocatedBytes">Managed bytes that the loop's thread allocated since the start.</param>
/// <param name="UnroutedDrops">Packets dropped before a router was found for them, all reasons together.</param>
/// <param name="KernelDrops">Packets and netlink messages that the kernel dropped because our buffers were
/// full.</param>
/// <param name="RealtimePriority">The SCHED_FIFO priority of the loop, 0 when not granted or not asked for.</param>
/// <param name="MemoryLocked">Whether mlockall was granted.</param>
public sealed record ProcessReport(
    uint AgentStarts,
    ulong LoopIterations,
    ulong LoopAllocatedBytes,
    ulong UnroutedDrops,
    ulong KernelDrops,
    byte RealtimePriority,
    bool MemoryLocked)
{
    public void Write(WireWriter writer) => Write(
        writer, AgentStarts, LoopIterations, LoopAllocatedBytes, UnroutedDrops, KernelDrops,
        RealtimePriority, MemoryLocked);

    /// <summary>Writes a report without making one, for the loop.</summary>
    public static void Write(
        WireWriter writer,
        uint agentStarts,
        ulong loopIterations,
        ulong loopAllocatedBytes,
        ulong unroutedDrops,
        ulong kernelDrops,
        byte realtimePriority,
        bool memoryLocked)
    {
        writer.BeginFrame(MessageType.ProcessReport);
        writer.WriteUInt32(agentStarts);
        writer.WriteUInt64(loopIterations);
        writer.WriteUInt64(loopAllocatedBytes);
        writer.WriteUInt64(unroutedDrops);
        writer.WriteUInt64(kernelDrops);
        writer.WriteByte(realtimePriority);
        writer.WriteBoolean(memoryLocked);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static ProcessReport Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        ProcessReport report = new(
            reader.ReadUInt32(),
            reader.ReadUInt64(),
            reader.ReadUInt64(),
            reader.ReadUInt64(),
            reader.ReadUInt64(),
            reader.ReadByte(),
            reader.ReadBoolean());
        reader.ExpectEnd();
        return report;
    }
}
