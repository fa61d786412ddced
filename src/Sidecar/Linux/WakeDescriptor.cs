using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>An eventfd by which another thread wakes the loop.</summary>
internal sealed class WakeDescriptor : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    public WakeDescriptor()
    {
        Descriptor = new Descriptor(
            LinuxException.Check(
                SystemCall.Result(LibC.eventfd(0, CloseOnExec | NonBlocking)), "eventfd", "the event loop"));
    }

    public Descriptor Descriptor { get; }

    /// <summary>From any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = SystemCall.Write(Descriptor.Number, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
    }

    /// <summary>Makes it unreadable until the next <see cref="Wake"/>.</summary>
    public void Acknowledge()
    {
        Span<byte> count = stackalloc byte[8];
        _ = SystemCall.Read(Descriptor, count);
    }

    public void Dispose() => Descriptor.Dispose();
}
