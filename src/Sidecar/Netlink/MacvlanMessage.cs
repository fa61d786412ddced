using System.Text;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netlink;

/// <summary>How a link answers and asks by ARP (ip-sysctl: arp_ignore, arp_announce).</summary>
internal readonly record struct ArpSettings(uint Ignore, uint Announce)
{
    /// <summary>Answers only for addresses of the link itself, and asks only from them.</summary>
    public static ArpSettings Own => new(1, 2);

    /// <summary>At least as strict as both.</summary>
    public ArpSettings With(ArpSettings other) =>
        new(Math.Max(Ignore, other.Ignore), Math.Max(Announce, other.Announce));
}

/// <summary>A link with a virtual router's MAC address.</summary>
/// <param name="Name">At most 15 bytes.</param>
/// <param name="Parent">The link that it shares the wire with.</param>
/// <param name="Mark">Its alias, by which it is known as ours.</param>
/// <param name="Mtu">Bytes; 0: as the parent's.</param>
internal readonly record struct MacvlanDefinition(
    string Name, int Parent, MacAddress HardwareAddress, IpFamily Family, string Mark, uint Mtu);

/// <summary>Requests about macvlans and what their parents need to be told.</summary>
internal static class MacvlanMessage
{
    // Bridge, not private: in private mode the kernel gives a group frame whose source is our own virtual MAC address
    // to the macvlan alone (macvlan_handle_frame), and every peer's advertisement is such a frame: two Actives would
    // never hear each other on the parent.
    private const uint BridgeMode = 4; // MACVLAN_MODE_BRIDGE

    private const uint LooseReversePath = 2;
    private const byte NoGeneratedAddresses = 1; // IN6_ADDR_GEN_MODE_NONE

    public static void WriteAdd(ref NetlinkWriter writer, uint sequence, in MacvlanDefinition definition)
    {
        const NetlinkFlags flags =
            NetlinkFlags.Request | NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive;
        writer.BeginMessage(NetlinkMessageType.NewLink, flags, sequence);
        WriteHeader(ref writer, 0, LinkFlags.None, LinkFlags.None);
        WriteText(ref writer, LinkAttribute.Name, definition.Name);
        writer.WriteAttribute(LinkAttribute.Parent, (uint)definition.Parent);
        Span<byte> address = stackalloc byte[MacAddress.Length];
        definition.HardwareAddress.Write(address);
        writer.WriteAttribute(LinkAttribute.HardwareAddress, address);
        if (definition.Mtu != 0)
            writer.WriteAttribute(LinkAttribute.Mtu, definition.Mtu);
        int information = writer.BeginNested(LinkAttribute.Information);
        WriteText(ref writer, NestedLinkAttribute.InformationKind, "macvlan");
        int data = writer.BeginNested(NestedLinkAttribute.InformationData);
        writer.WriteAttribute(NestedLinkAttribute.MacvlanMode, BridgeMode);
        writer.EndNested(data);
        writer.EndNested(information);
        writer.EndMessage();
    }

    /// <summary>
    /// Writes what a link cannot be made with: its alias and its settings. It answers by ARP for its own addresses
    /// alone. Replies to what comes in leave by the parent, so a strict reverse path filter would drop everything.
    /// </summary>
    public static void WriteMark(ref NetlinkWriter writer, uint sequence, in MacvlanDefinition definition)
    {
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        WriteHeader(ref writer, 0, LinkFlags.None, LinkFlags.None);
        WriteText(ref writer, LinkAttribute.Name, definition.Name);
        // Without the zero that names end with: it would be part of the alias.
        writer.WriteAttribute(LinkAttribute.Alias, Encoding.UTF8.GetBytes(definition.Mark));
        int families = writer.BeginNested(LinkAttribute.FamilySettings);
        int v4 = writer.BeginNested(NetlinkFamily.V4);
        int settings = writer.BeginNested(NestedLinkAttribute.SettingsV4);
        writer.WriteAttribute(LinkSettingV4.ReversePathFilter, LooseReversePath);
        writer.WriteAttribute(LinkSettingV4.ArpAnnounce, ArpSettings.Own.Announce);
        writer.WriteAttribute(LinkSettingV4.ArpIgnore, ArpSettings.Own.Ignore);
        writer.EndNested(settings);
        writer.EndNested(v4);
        if (definition.Family == IpFamily.V6)
        {
            int v6 = writer.BeginNested(NetlinkFamily.V6);
            writer.WriteAttribute(NestedLinkAttribute.AddressGenerationV6, [NoGeneratedAddresses]);
            writer.EndNested(v6);
        }

        writer.EndNested(families);
        writer.EndMessage();
    }

    public static void WriteUp(ref NetlinkWriter writer, uint sequence, string name)
    {
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        WriteHeader(ref writer, 0, LinkFlags.Up, LinkFlags.Up);
        WriteText(ref writer, LinkAttribute.Name, name);
        writer.EndMessage();
    }

    public static void WriteArp(ref NetlinkWriter writer, uint sequence, int linkIndex, ArpSettings arp)
    {
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        WriteHeader(ref writer, linkIndex, LinkFlags.None, LinkFlags.None);
        int families = writer.BeginNested(LinkAttribute.FamilySettings);
        int v4 = writer.BeginNested(NetlinkFamily.V4);
        int settings = writer.BeginNested(NestedLinkAttribute.SettingsV4);
        writer.WriteAttribute(LinkSettingV4.ArpAnnounce, arp.Announce);
        writer.WriteAttribute(LinkSettingV4.ArpIgnore, arp.Ignore);
        writer.EndNested(settings);
        writer.EndNested(v4);
        writer.EndNested(families);
        writer.EndMessage();
    }

    public static void WriteRemove(ref NetlinkWriter writer, uint sequence, int linkIndex)
    {
        writer.BeginMessage(NetlinkMessageType.DeleteLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        WriteHeader(ref writer, linkIndex, LinkFlags.None, LinkFlags.None);
        writer.EndMessage();
    }

    public static void WriteQuery(ref NetlinkWriter writer, uint sequence, int linkIndex, string name)
    {
        writer.BeginMessage(NetlinkMessageType.GetLink, NetlinkFlags.Request, sequence);
        WriteHeader(ref writer, linkIndex, LinkFlags.None, LinkFlags.None);
        if (linkIndex == 0)
            WriteText(ref writer, LinkAttribute.Name, name);
        writer.EndMessage();
    }

    // struct ifinfomsg: u8 family, u8 pad, u16 ARP type, i32 index, u32 flags, u32 changed flags.
    private static void WriteHeader(ref NetlinkWriter writer, int linkIndex, LinkFlags flags, LinkFlags changed)
    {
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)linkIndex);
        writer.WriteUInt32((uint)flags);
        writer.WriteUInt32((uint)changed);
    }

    // With the zero that ends it, which the kernel wants of names.
    private static void WriteText(ref NetlinkWriter writer, ushort type, string text)
    {
        Span<byte> bytes = stackalloc byte[256];
        int length = Encoding.UTF8.GetBytes(text, bytes[..^1]);
        bytes[length] = 0;
        writer.WriteAttribute(type, bytes[..(length + 1)]);
    }
}
