namespace VipOperator.Sidecar.Linux;

/// <summary>Two connected stream sockets: ours nonblocking, the other for a child.</summary>
internal static unsafe class StreamPair
{
    private const int Unix = 1; // AF_UNIX
    private const int Stream = 1; // SOCK_STREAM
    private const int CloseOnExec = 0x80000;
    private const int WriteSide = 1; // SHUT_WR
    private const int DontWait = 0x40;

    public static (Descriptor Ours, Descriptor Theirs) Open()
    {
        int* pair = stackalloc int[2];
        LinuxException.Check(
            SystemCall.Result(LibC.socketpair(Unix, Stream | CloseOnExec, 0, pair)), "socketpair", "the agent");
        return (new Descriptor(pair[0]), new Descriptor(pair[1]));
    }

    /// <summary>Takes what is there without waiting.</summary>
    /// <returns>The number of bytes, 0 at the end of the stream, or the error number negated.</returns>
    public static int Receive(Descriptor descriptor, Span<byte> buffer)
    {
        int result;
        fixed (byte* start = buffer)
        {
            do
                result = SystemCall.Result(
                    LibC.recvfrom(descriptor.Number, start, (nuint)buffer.Length, DontWait, null, null));
            while (result == -Errno.EINTR);
        }

        return result;
    }

    /// <summary>Says that nothing more will be sent; what was sent before still arrives.</summary>
    public static void EndSending(Descriptor descriptor) => _ = LibC.shutdown(descriptor.Number, WriteSide);
}
