using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netlink;

/// <summary>A link as RTM_NEWLINK and RTM_DELLINK tell of it; valid as long as the datagram.</summary>
internal readonly ref struct LinkMessage
{
    /// <summary>struct ifinfomsg: u8 family, u8 pad, u16 ARP type, i32 index, u32 flags, u32 changed flags.</summary>
    private const int HeaderLength = 16;

    public required int Index { get; init; }

    public required LinkFlags Flags { get; init; }

    /// <summary>UTF-8, without the terminating zero; empty when the message carries none.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>UTF-8; empty when there is none.</summary>
    public required ReadOnlySpan<byte> Alias { get; init; }

    /// <summary>null when the link has no address of 6 bytes.</summary>
    public required MacAddress? HardwareAddress { get; init; }

    /// <summary>Bytes; 0 when the message carries none.</summary>
    public required uint Mtu { get; init; }

    /// <summary>The link that this one is a VLAN or macvlan of; 0 when it is of none.</summary>
    public required int Parent { get; init; }

    /// <summary>The bridge, bond or VRF that the link is part of; 0 when it is of none.</summary>
    public required int Master { get; init; }

    /// <summary>What the kernel does for IPv4 on the link, u32 each, by <see cref="LinkSettingV4"/> less 1.</summary>
    public required ReadOnlySpan<byte> SettingsV4 { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out LinkMessage message)
    {
        message = default;
        // Bridges also announce their ports as messages of family AF_BRIDGE, which say nothing of the link itself.
        if (payload.Length < HeaderLength || payload[0] != NetlinkFamily.Unspecified)
            return false;
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> alias = default;
        ReadOnlySpan<byte> settings = default;
        MacAddress? hardwareAddress = null;
        uint mtu = 0;
        int parent = 0;
        int master = 0;
        AttributeReader attributes = new(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == LinkAttribute.Name)
                name = value.TrimEnd((byte)0);
            else if (type == LinkAttribute.Alias)
                alias = value.TrimEnd((byte)0);
            else if (type == LinkAttribute.HardwareAddress && value.Length == MacAddress.Length)
                hardwareAddress = MacAddress.Read(value);
            else if (type == LinkAttribute.Mtu && value.Length == sizeof(uint))
                mtu = MemoryMarshal.Read<uint>(value);
            else if (type == LinkAttribute.Parent && value.Length == sizeof(int))
                parent = MemoryMarshal.Read<int>(value);
            else if (type == LinkAttribute.Master && value.Length == sizeof(int))
                master = MemoryMarshal.Read<int>(value);
            else if (type == LinkAttribute.FamilySettings)
                settings = ReadSettingsV4(value);
        }

        message = new LinkMessage
        {
            Index = MemoryMarshal.Read<int>(payload[4..]),
            Flags = (LinkFlags)MemoryMarshal.Read<uint>(payload[8..]),
            Name = name,
            Alias = alias,
            HardwareAddress = hardwareAddress,
            Mtu = mtu,
            Parent = parent,
            Master = master,
            SettingsV4 = settings,
        };
        return true;
    }

    /// <param name="setting">Of <see cref="LinkSettingV4"/>.</param>
    /// <returns>null when the message does not say.</returns>
    public uint? SettingV4(ushort setting)
    {
        int offset = (setting - 1) * sizeof(uint);
        return SettingsV4.Length >= offset + sizeof(uint) ? MemoryMarshal.Read<uint>(SettingsV4[offset..]) : null;
    }

    // IFLA_AF_SPEC holds an attribute for each family, and that of IPv4 its settings as one array.
    private static ReadOnlySpan<byte> ReadSettingsV4(ReadOnlySpan<byte> families)
    {
        AttributeReader reader = new(families);
        while (reader.TryRead(out ushort family, out ReadOnlySpan<byte> settings))
        {
            if (family != NetlinkFamily.V4)
                continue;
            AttributeReader attributes = new(settings);
            while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
            {
                if (type == NestedLinkAttribute.SettingsV4)
                    return value;
            }
        }

        return default;
    }
}
