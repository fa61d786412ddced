using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct msghdr, as the C library and a 64-bit kernel agree on it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchEntry
{
    public MessageHeader Header;
    public uint Length;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClockTime
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>struct itimerspec: interval, then the first expiry.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimerSpecification
{
    public long IntervalSeconds;
    public long IntervalNanoseconds;
    public long ValueSeconds;
    public long ValueNanoseconds;
}

/// <summary>struct sched_attr, in its first and shortest version.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SchedulingAttributes
{
    public uint Size;
    public uint Policy;
    public ulong Flags;
    public int Nice;
    public uint Priority;
    public ulong RuntimeNanoseconds;
    public ulong DeadlineNanoseconds;
    public ulong PeriodNanoseconds;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short ReturnedEvents;
}

/// <summary>struct sock_filter: one instruction of a classic packet filter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FilterInstruction(ushort code, byte ifTrue, byte ifFalse, uint operand)
{
    public readonly ushort Code = code;
    public readonly byte IfTrue = ifTrue;
    public readonly byte IfFalse = ifFalse;
    public readonly uint Operand = operand;
}

/// <summary>struct sock_fprog.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FilterProgram
{
    public ushort Length;
    public FilterInstruction* Instructions;
}

/// <summary>struct __user_cap_header_struct.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CapabilityHeader
{
    public uint Version;
    public int ProcessId;
}

/// <summary>
/// Two of struct __user_cap_data_struct, as _LINUX_CAPABILITY_VERSION_3 wants: capabilities 0–31, then 32–63.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CapabilitySets
{
    public uint EffectiveLow;
    public uint PermittedLow;
    public uint InheritableLow;
    public uint EffectiveHigh;
    public uint PermittedHigh;
    public uint InheritableHigh;
}
