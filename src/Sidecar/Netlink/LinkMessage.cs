using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netlink;

/// <summary>A link as RTM_NEWLINK and RTM_DELLINK tell of it; valid as long as the datagram.</summary>
internal readonly ref struct LinkMessage
{
    /// <summary>struct ifinfomsg: u8 family, u8 pad, u16 ARP type, i32 index, u32 flags, u32 changed flags.</summary>
    private const int HeaderLength = 16;

    private LinkMessage(int index, LinkFlags flags, ReadOnlySpan<byte> name, MacAddress? hardwareAddress)
    {
        Index = index;
        Flags = flags;
        Name = name;
        HardwareAddress = hardwareAddress;
    }

    public int Index { get; }

    public LinkFlags Flags { get; }

    /// <summary>UTF-8, without the terminating zero; empty when the message carries none.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>null when the link has no address of 6 bytes.</summary>
    public MacAddress? HardwareAddress { get; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out LinkMessage message)
    {
        message = default;
        // Bridges also announce their ports as messages of family AF_BRIDGE, which say nothing of the link itself.
        if (payload.Length < HeaderLength || payload[0] != NetlinkFamily.Unspecified)
            return false;
        ReadOnlySpan<byte> name = default;
        MacAddress? hardwareAddress = null;
        AttributeReader attributes = new(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == LinkAttribute.Name)
                name = value.TrimEnd((byte)0);
            else if (type == LinkAttribute.HardwareAddress && value.Length == MacAddress.Length)
                hardwareAddress = MacAddress.Read(value);
        }

        message = new LinkMessage(
            MemoryMarshal.Read<int>(payload[4..]), (LinkFlags)MemoryMarshal.Read<uint>(payload[8..]), name, hardwareAddress);
        return true;
    }
}
