using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VipOperator.Traffic;

/// <summary>All frames that come in on a link, as they are (packet(7)).</summary>
internal sealed class LinkSocket : IDisposable
{
    private const ushort AllProtocols = 3; // ETH_P_ALL
    private const int SolPacket = 263;
    private const int IgnoreOutgoing = 23; // PACKET_IGNORE_OUTGOING

    private readonly Socket _socket;

    public LinkSocket(string link)
    {
        ushort protocol = BinaryPrimitives.ReverseEndianness(AllProtocols);
        _socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)protocol);
        _socket.SetRawSocketOption(SolPacket, IgnoreOutgoing, [1, 0, 0, 0]);
        int index = int.Parse(
            File.ReadAllText($"/sys/class/net/{link}/ifindex"), System.Globalization.CultureInfo.InvariantCulture);
        _socket.Bind(new LinkEndPoint(index));
    }

    /// <summary>Six bytes.</summary>
    public static byte[] HardwareAddress(string link)
    {
        string text = File.ReadAllText($"/sys/class/net/{link}/address").Trim();
        return [.. text.Split(':').Select(b => Convert.ToByte(b, 16))];
    }

    public int Receive(Span<byte> frame) => _socket.Receive(frame);

    public void Send(ReadOnlySpan<byte> frame) => _socket.Send(frame);

    public void Dispose() => _socket.Dispose();

    /// <summary>sockaddr_ll: family, protocol (network order), index, then what bind ignores.</summary>
    private sealed class LinkEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            SocketAddress address = new(AddressFamily.Packet, 20);
            BinaryPrimitives.WriteUInt16BigEndian(address.Buffer.Span[2..], AllProtocols);
            BinaryPrimitives.WriteInt32LittleEndian(address.Buffer.Span[4..], index);
            return address;
        }
    }
}
