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

    /// <returns>The claim, which lasts until it is disposed of; null when another sidecar has it.</returns>
    /// <exception cref="LinuxException">Sockets are refused for another reason.</exception>
    public static Descriptor? TryMake(IpAddress address) => TryMake(address.ToString());

    /// <inheritdoc cref="TryMake(IpAddress)"/>
    public static Descriptor? TryMakeForLink(string name) => TryMake("link/" + name);

    private static Descriptor? TryMake(string target)
    {
        Descriptor descriptor = new(
            LinuxException.Check(
                SystemCall.Result(LibC.socket(Unix, Datagram | CloseOnExec, 0)), "socket", $"the claim on {target}"));
        // struct sockaddr_un: u16 family, then the name; a zero as its first byte makes it abstract.
        Span<byte> name = stackalloc byte[108];
        BinaryPrimitives.WriteUInt16LittleEndian(name, Unix);
        name[2] = 0;
        int length = 3 + Encoding.UTF8.GetBytes($"vipoperator/{target}", name[3..]);
        int result = SystemCall.Bind(descriptor, name[..length]);
        if (result >= 0)
            return descriptor;
        descriptor.Dispose();
        return result == -Errno.EADDRINUSE ? null : throw new LinuxException("bind", -result, $"the claim on {target}");
    }
}
