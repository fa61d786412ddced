using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// System calls in the kernel's own manner: the result, or the error number negated. This is the one place that
/// reads errno and that repeats a call which a signal interrupted.
/// </summary>
internal static unsafe class SystemCall
{
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL

    public static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    public static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();

    public static int Read(Descriptor descriptor, Span<byte> buffer)
    {
        int result;
        fixed (byte* start = buffer)
        {
            do
                result = Result(LibC.read(descriptor.Number, start, (nuint)buffer.Length));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        int result;
        fixed (byte* start = bytes)
        {
            do
                result = Result(LibC.write(descriptor, start, (nuint)bytes.Length));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>send without waiting; a peer that is gone is an error, not a signal.</summary>
    public static int Send(Descriptor descriptor, ReadOnlySpan<byte> bytes) => SendTo(descriptor, bytes, []);

    /// <summary>sendto without waiting.</summary>
    public static int SendTo(Descriptor descriptor, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> socketAddress)
    {
        int result;
        fixed (byte* start = bytes)
        fixed (byte* address = socketAddress)
        {
            do
            {
                result = Result(LibC.sendto(
                    descriptor.Number, start, (nuint)bytes.Length, DontWait | NoSignal, address,
                    (uint)socketAddress.Length));
            }
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>recvfrom; waits unless the socket is nonblocking.</summary>
    public static int ReceiveFrom(
        Descriptor descriptor, Span<byte> buffer, Span<byte> socketAddress, out int addressLength)
    {
        int result;
        uint length;
        fixed (byte* start = buffer)
        fixed (byte* address = socketAddress)
        {
            do
            {
                length = (uint)socketAddress.Length;
                result = Result(LibC.recvfrom(descriptor.Number, start, (nuint)buffer.Length, 0, address, &length));
            }
            while (result == -Errno.EINTR);
        }

        addressLength = (int)length;
        return result;
    }

    /// <summary>sendmsg without waiting.</summary>
    public static int SendMessage(
        Descriptor descriptor, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> socketAddress, ReadOnlySpan<byte> control)
    {
        int result;
        fixed (byte* start = bytes)
        fixed (byte* address = socketAddress)
        fixed (byte* ancillary = control)
        {
            IoVector vector = new() { Base = start, Length = (nuint)bytes.Length };
            MessageHeader header = new()
            {
                Name = address,
                NameLength = (uint)socketAddress.Length,
                Vectors = &vector,
                VectorCount = 1,
                Control = ancillary,
                ControlLength = (nuint)control.Length,
            };
            do
                result = Result(LibC.sendmsg(descriptor.Number, &header, DontWait | NoSignal));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>sendmmsg without waiting: what pointers in <paramref name="entries"/> lead to must be pinned.</summary>
    /// <returns>
    /// How many were sent, of which the first that was refused ends the row; or its error if it was the first of all.
    /// </returns>
    public static int SendMessages(Descriptor descriptor, ReadOnlySpan<BatchEntry> entries)
    {
        int result;
        fixed (BatchEntry* start = entries)
        {
            do
                result = Result(LibC.sendmmsg(descriptor.Number, start, (uint)entries.Length, DontWait | NoSignal));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>recvmsg without waiting.</summary>
    public static int ReceiveMessage(
        Descriptor descriptor, Span<byte> buffer, Span<byte> socketAddress, Span<byte> control, out int controlLength)
    {
        int result;
        fixed (byte* start = buffer)
        fixed (byte* address = socketAddress)
        fixed (byte* ancillary = control)
        {
            IoVector vector = new() { Base = start, Length = (nuint)buffer.Length };
            MessageHeader header;
            do
            {
                header = new MessageHeader
                {
                    Name = address,
                    NameLength = (uint)socketAddress.Length,
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = ancillary,
                    ControlLength = (nuint)control.Length,
                };
                result = Result(LibC.recvmsg(descriptor.Number, &header, DontWait));
            }
            while (result == -Errno.EINTR);
            controlLength = result < 0 ? 0 : (int)header.ControlLength;
        }

        return result;
    }

    public static int SetOption(Descriptor descriptor, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
            return Result(LibC.setsockopt(descriptor.Number, level, name, start, (uint)value.Length));
    }

    /// <summary>setsockopt with a packet filter as its value.</summary>
    public static int AttachFilter(Descriptor descriptor, int name, ReadOnlySpan<FilterInstruction> instructions)
    {
        const int solSocket = 1;
        fixed (FilterInstruction* start = instructions)
        {
            FilterProgram program = new() { Length = (ushort)instructions.Length, Instructions = start };
            return Result(
                LibC.setsockopt(descriptor.Number, solSocket, name, (byte*)&program, (uint)sizeof(FilterProgram)));
        }
    }

    /// <returns>The length of the value, or the error.</returns>
    public static int GetOption(Descriptor descriptor, int level, int name, Span<byte> value)
    {
        uint length = (uint)value.Length;
        fixed (byte* start = value)
        {
            int result = Result(LibC.getsockopt(descriptor.Number, level, name, start, &length));
            return result < 0 ? result : (int)length;
        }
    }

    public static int Bind(Descriptor descriptor, ReadOnlySpan<byte> socketAddress)
    {
        fixed (byte* address = socketAddress)
            return Result(LibC.bind(descriptor.Number, address, (uint)socketAddress.Length));
    }

    /// <summary>connect; on a nonblocking socket the handshake goes on after the call (EINPROGRESS).</summary>
    public static int Connect(Descriptor descriptor, ReadOnlySpan<byte> socketAddress)
    {
        fixed (byte* address = socketAddress)
            return Result(LibC.connect(descriptor.Number, address, (uint)socketAddress.Length));
    }

    /// <summary>accept4.</summary>
    /// <param name="socketAddress">Receives the peer's.</param>
    public static int Accept(Descriptor listener, Span<byte> socketAddress, int flags)
    {
        int result;
        fixed (byte* address = socketAddress)
        {
            do
            {
                uint length = (uint)socketAddress.Length;
                result = Result(LibC.accept4(listener.Number, address, &length, flags));
            }
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>getsockname.</summary>
    public static int LocalAddress(Descriptor descriptor, Span<byte> socketAddress)
    {
        uint length = (uint)socketAddress.Length;
        fixed (byte* address = socketAddress)
            return Result(LibC.getsockname(descriptor.Number, address, &length));
    }

    public static int EpollWait(Descriptor epoll, Span<byte> events, int maximum)
    {
        const int forever = -1;
        int result;
        fixed (byte* start = events)
        {
            do
                result = Result(LibC.epoll_wait(epoll.Number, start, maximum, forever));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>Whether <paramref name="descriptor"/> can be written to without waiting.</summary>
    public static bool IsWritable(int descriptor)
    {
        const short pollOut = 0x4;
        PollDescriptor request = new() { Descriptor = descriptor, Events = pollOut };
        int result;
        do
            result = Result(LibC.poll(&request, 1, 0));
        while (result == -Errno.EINTR);
        return result == 1 && (request.ReturnedEvents & pollOut) != 0;
    }

    /// <summary>waitpid without waiting.</summary>
    /// <param name="processId">A child, or -1 for any.</param>
    /// <returns>The child that ended, 0 if none has yet, or the error.</returns>
    public static int Reap(int processId, out int status)
    {
        const int noHang = 1;
        int raw = 0;
        int result;
        do
            result = Result(LibC.waitpid(processId, &raw, noHang));
        while (result == -Errno.EINTR);
        status = raw;
        return result;
    }
}
