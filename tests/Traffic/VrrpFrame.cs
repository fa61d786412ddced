using System.Buffers.Binary;
using System.Net;

namespace VipOperator.Traffic;

/// <summary>An Ethernet frame with an IPv4 packet of protocol 112 to 224.0.0.18.</summary>
internal sealed class VrrpFrame
{
    private const int Ethernet = 14;
    private const int Header = 20;

    private readonly byte[] _bytes = new byte[Ethernet + Header + 1480];

    public VrrpFrame(string link, string source)
    {
        byte[] own = LinkSocket.HardwareAddress(link);
        byte[] prefix =
        [
            0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, .. own, 0x08, 0x00,
            0x45, 0, 0, 0, 0, 0, 0, 0, 255, 112, 0, 0, .. IPAddress.Parse(source).GetAddressBytes(), 224, 0, 0, 18,
        ];
        prefix.CopyTo(_bytes, 0);
    }

    /// <summary>Room for the message.</summary>
    public Span<byte> Message => _bytes.AsSpan(Ethernet + Header);

    /// <param name="length">Of the message, bytes.</param>
    public ReadOnlySpan<byte> Finish(int length, byte timeToLive)
    {
        Span<byte> header = _bytes.AsSpan(Ethernet, Header);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(Header + length));
        header[8] = timeToLive;
        header[10] = header[11] = 0;
        uint sum = 0;
        for (int i = 0; i < Header; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~sum);
        return _bytes.AsSpan(0, Ethernet + Header + length);
    }
}
