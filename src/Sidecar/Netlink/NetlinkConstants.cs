namespace VipOperator.Sidecar.Netlink;

/// <summary>Message types (linux/netlink.h, linux/rtnetlink.h).</summary>
internal enum NetlinkMessageType : ushort
{
    NoOperation = 1, // NLMSG_NOOP
    Error = 2, // NLMSG_ERROR, an acknowledgement too
    Done = 3, // NLMSG_DONE
    NewLink = 16, // RTM_NEWLINK
    DeleteLink = 17, // RTM_DELLINK
    GetLink = 18, // RTM_GETLINK
    SetLink = 19, // RTM_SETLINK
    NewAddress = 20, // RTM_NEWADDR
    DeleteAddress = 21, // RTM_DELADDR
    GetAddress = 22, // RTM_GETADDR
    NewRoute = 24, // RTM_NEWROUTE
    GetRoute = 26, // RTM_GETROUTE
    NewSettings = 80, // RTM_NEWNETCONF
}

/// <summary>Flags of a message header (linux/netlink.h).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,
    Acknowledge = 0x4,
    DumpInterrupted = 0x10,
    Replace = 0x100, // with RTM_NEW*
    Exclusive = 0x200, // with RTM_NEW*
    Dump = 0x300, // with RTM_GET*
    Create = 0x400, // with RTM_NEW*
}

/// <summary>Multicast groups to hear (linux/rtnetlink.h).</summary>
internal static class NetlinkGroups
{
    public const uint Link = 0x1; // RTMGRP_LINK
    public const uint AddressV4 = 0x10; // RTMGRP_IPV4_IFADDR
    public const uint AddressV6 = 0x100; // RTMGRP_IPV6_IFADDR
    public const uint SettingsV6 = 0x100_0000; // 1 << (RTNLGRP_IPV6_NETCONF - 1)
}

/// <summary>Address families in messages (bits/socket.h).</summary>
internal static class NetlinkFamily
{
    public const byte Unspecified = 0;
    public const byte V4 = 2;
    public const byte V6 = 10;
}

/// <summary>Flags of a link (linux/if.h).</summary>
[Flags]
internal enum LinkFlags : uint
{
    None = 0,
    Up = 0x1, // IFF_UP: set by a person
    Loopback = 0x8,
    Running = 0x40, // IFF_RUNNING: operational, so there is a carrier
    NoArp = 0x80,
    Multicast = 0x1000,
}

/// <summary>Flags of an address (linux/if_addr.h).</summary>
[Flags]
internal enum AddressFlags : uint
{
    None = 0,
    Secondary = 0x1, // IFA_F_SECONDARY; IPv6: temporary (RFC 8981)
    NoDuplicateDetection = 0x2, // IFA_F_NODAD
    DuplicateFound = 0x8, // IFA_F_DADFAILED
    Deprecated = 0x20, // IFA_F_DEPRECATED
    Tentative = 0x40, // IFA_F_TENTATIVE
    Permanent = 0x80, // IFA_F_PERMANENT
    NoPrefixRoute = 0x200, // IFA_F_NOPREFIXROUTE
}

/// <summary>Attributes of a link message (linux/if_link.h).</summary>
internal static class LinkAttribute
{
    public const ushort HardwareAddress = 1; // IFLA_ADDRESS
    public const ushort Name = 3; // IFLA_IFNAME
    public const ushort Mtu = 4; // IFLA_MTU
    public const ushort Parent = 5; // IFLA_LINK: of a VLAN or macvlan
    public const ushort Master = 10; // IFLA_MASTER: the bridge, bond or VRF that it is part of
    public const ushort Information = 18; // IFLA_LINKINFO
    public const ushort Alias = 20; // IFLA_IFALIAS
    public const ushort FamilySettings = 26; // IFLA_AF_SPEC
}

/// <summary>Attributes within others of a link message (linux/if_link.h).</summary>
internal static class NestedLinkAttribute
{
    public const ushort InformationKind = 1; // IFLA_INFO_KIND
    public const ushort InformationData = 2; // IFLA_INFO_DATA
    public const ushort MacvlanMode = 1; // IFLA_MACVLAN_MODE
    public const ushort SettingsV4 = 1; // IFLA_INET_CONF
    public const ushort AddressGenerationV6 = 8; // IFLA_INET6_ADDR_GEN_MODE
}

/// <summary>Settings of a link for IPv4: what /proc/sys/net/ipv4/conf/LINK has by name (linux/ip.h).</summary>
internal static class LinkSettingV4
{
    public const ushort ReversePathFilter = 8; // IPV4_DEVCONF_RP_FILTER
    public const ushort ArpAnnounce = 18; // IPV4_DEVCONF_ARP_ANNOUNCE
    public const ushort ArpIgnore = 19; // IPV4_DEVCONF_ARP_IGNORE
}

/// <summary>Attributes of an address message (linux/if_addr.h).</summary>
internal static class AddressAttribute
{
    public const ushort Address = 1; // IFA_ADDRESS: on a point-to-point link, the peer's
    public const ushort Local = 2; // IFA_LOCAL
    public const ushort CacheInformation = 6; // IFA_CACHEINFO
    public const ushort Flags = 8; // IFA_FLAGS
    public const ushort Protocol = 11; // IFA_PROTO, since 5.18; older kernels ignore it
}

/// <summary>Attributes of a route message (linux/rtnetlink.h).</summary>
internal static class RouteAttribute
{
    public const ushort OutputLink = 4; // RTA_OIF
    public const ushort Metric = 6; // RTA_PRIORITY
    public const ushort Table = 15; // RTA_TABLE
}

/// <summary>Attributes of a message on settings (linux/netconf.h).</summary>
internal static class SettingsAttribute
{
    public const ushort Link = 1; // NETCONFA_IFINDEX
    public const ushort Forwarding = 2; // NETCONFA_FORWARDING
}
