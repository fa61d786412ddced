using System.Buffers.Binary;
using System.Text;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// Says to other sidecars in this network namespace that an address or a link is looked after: a socket bound to an
/// abstract Unix name (unix(7)), which the kernel frees when its owner dies, however it dies.
/// </summary>
internal static class NodeClaim
{
    private const int Unix = 1; // AF_UNIX
    private const int Datagram = 2; // SOCK_DGRAM
    private const int CloseOnExec = 0x80000;

    /// <param name="error">
    /// Without a claim the error number, positive: EADDRINUSE when another sidecar has it.
    /// </param>
    /// <returns>The claim, which lasts until it is disposed of; null when it is not to be had at present.</returns>
    public static Descriptor? TryMake(IpAddress address, out int error) => TryMake(address.ToString(), out error);

    /// <inheritdoc cref="TryMake(IpAddress, out int)"/>
    public static Descriptor? TryMakeForLink(string name, out int error) => TryMake("link/" + name, out error);

    private static Descriptor? TryMake(string target, out int error)
    {
        int number = SystemCall.Result(LibC.socket(Unix, Datagram | CloseOnExec, 0));
        error = Math.Max(0, -number);
        if (number < 0)
            return null;
        Descriptor descriptor = new(number);
        // struct sockaddr_un: u16 family, then the name; a zero as its first byte makes it abstract.
        Span<byte> name = stackalloc byte[108];
        BinaryPrimitives.WriteUInt16LittleEndian(name, Unix);
        name[2] = 0;
        int length = 3 + Encoding.UTF8.GetBytes($"vipoperator/{target}", name[3..]);
        error = -SystemCall.Bind(descriptor, name[..length]);
        if (error == 0)
            return descriptor;
        descriptor.Dispose();
        return null;
    }
}
