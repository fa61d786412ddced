using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>A timerfd on the <see cref="MonotonicClock"/> that becomes readable at an instant.</summary>
internal sealed unsafe class TimerDescriptor : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int AbsoluteTime = 1;

    public TimerDescriptor()
    {
        Descriptor = new Descriptor(LinuxException.Check(
            SystemCall.Result(LibC.timerfd_create(MonotonicClock.Id, CloseOnExec | NonBlocking)),
            "timerfd_create", "the event loop"));
    }

    public Descriptor Descriptor { get; }

    /// <summary>Sets the instant; one in the past fires at once, <see cref="MonotonicTime.Never"/> disarms.</summary>
    public void Arm(MonotonicTime due)
    {
        TimerSpecification specification = default; // all zero disarms
        if (!due.IsNever)
        {
            long nanoseconds = Math.Max(due.Nanoseconds, 1);
            (specification.ValueSeconds, specification.ValueNanoseconds) = Math.DivRem(nanoseconds, 1_000_000_000);
        }

        LinuxException.Check(
            SystemCall.Result(LibC.timerfd_settime(Descriptor.Number, AbsoluteTime, &specification, null)),
            "timerfd_settime", "the event loop");
    }

    /// <summary>Makes it unreadable until it expires again.</summary>
    public void Acknowledge()
    {
        Span<byte> expirations = stackalloc byte[8];
        _ = SystemCall.Read(Descriptor, expirations);
    }

    public void Dispose() => Descriptor.Dispose();
}
