using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>What a descriptor is ready for (sys/epoll.h).</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Error = 0x8,
    HungUp = 0x10,
}

/// <summary>An epoll instance, level-triggered.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int MostEvents = 64;

    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;

    // struct epoll_event is packed on x64 alone (EPOLL_PACKED): u32 events, u64 data.
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly Descriptor _descriptor;
    private readonly byte[] _events = new byte[MostEvents * EventSize];

    public Epoll()
    {
        _descriptor = new Descriptor(
            LinuxException.Check(
                SystemCall.Result(LibC.epoll_create1(CloseOnExec)), "epoll_create1", "the event loop"));
    }

    public void Register(Descriptor descriptor, Readiness interest, ulong key) =>
        Control(Add, descriptor, interest, key);

    public void Change(Descriptor descriptor, Readiness interest, ulong key) =>
        Control(Modify, descriptor, interest, key);

    public void Unregister(Descriptor descriptor) => Control(Delete, descriptor, Readiness.None, 0);

    /// <summary>Waits until a descriptor is ready.</summary>
    /// <returns>How many are; read them with <see cref="Ready"/>.</returns>
    public int Wait() =>
        LinuxException.Check(SystemCall.EpollWait(_descriptor, _events, MostEvents), "epoll_wait", "the event loop");

    /// <summary>One of the events of the last <see cref="Wait"/>.</summary>
    public (Readiness Readiness, ulong Key) Ready(int index)
    {
        ReadOnlySpan<byte> entry = _events.AsSpan(index * EventSize, EventSize);
        return ((Readiness)MemoryMarshal.Read<uint>(entry), MemoryMarshal.Read<ulong>(entry[(EventSize - 8)..]));
    }

    public void Dispose() => _descriptor.Dispose();

    private void Control(int operation, Descriptor descriptor, Readiness interest, ulong key)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = (uint)interest;
        *(ulong*)(entry + EventSize - 8) = key;
        LinuxException.Check(
            SystemCall.Result(LibC.epoll_ctl(_descriptor.Number, operation, descriptor.Number, entry)),
            "epoll_ctl", "a descriptor");
    }
}
