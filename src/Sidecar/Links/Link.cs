using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Links;

/// <summary>A kernel device, as last heard of.</summary>
internal sealed class Link
{
    private const uint ShortestMtuV4 = 68; // RFC 791 §3.2
    private const uint ShortestMtuV6 = 1280; // RFC 8200 §5

    private readonly List<AddressMessage> _addresses = [];
    private int _resetsV4;
    private int _resetsV6;
    private bool _isUnconfirmed;
    private bool? _forwardsV6;

    public Link(int index) => Index = index;

    /// <summary>The kernel's number for it; a device that is made again gets another.</summary>
    public int Index { get; }

    public string Name { get; private set; } = "";

    public LinkFlags Flags { get; private set; }

    /// <summary>Zero when the link has none.</summary>
    public MacAddress HardwareAddress { get; private set; }

    /// <summary>Bytes; 0 when unknown.</summary>
    public uint Mtu { get; private set; }

    /// <summary>The index of the link that this one is a VLAN or macvlan of; 0 when it is of none.</summary>
    public int Parent { get; private set; }

    /// <summary>The index of the bridge, bond or VRF that the link is part of; 0 when it is of none.</summary>
    public int Master { get; private set; }

    /// <summary>What a person or program wrote on it; empty as a rule.</summary>
    public string Alias { get; private set; } = "";

    /// <summary>Set up by a person and with a carrier.</summary>
    public bool IsUp => (Flags & (LinkFlags.Up | LinkFlags.Running)) == (LinkFlags.Up | LinkFlags.Running);

    /// <summary>
    /// Whether the node routes IPv6 packets that come in here; read when it is asked for first, and told of afterwards.
    /// </summary>
    public bool ForwardsV6 => _forwardsV6 ??= ReadForwardsV6();

    public IReadOnlyList<AddressMessage> Addresses => _addresses;

    /// <summary>
    /// How often the kernel has thrown away all that it had of the family on this link, or may have. It does so while
    /// the MTU is too small for the family. Sockets are not told, but they are in no group there any more.
    /// </summary>
    public int ResetsOf(IpFamily family) => family == IpFamily.V4 ? _resetsV4 : _resetsV6;

    public bool Holds(IpPrefix prefix)
    {
        foreach (AddressMessage address in _addresses)
        {
            if (address.Prefix == prefix)
                return true;
        }

        return false;
    }

    /// <returns>Whether anything is different now.</returns>
    internal bool Update(in LinkMessage message)
    {
        _isUnconfirmed = false;
        // Also when it is large enough again: the kernel tells of a change before it has acted on it.
        _resetsV4 += IsTooSmall(Mtu, ShortestMtuV4) || IsTooSmall(message.Mtu, ShortestMtuV4) ? 1 : 0;
        _resetsV6 += IsTooSmall(Mtu, ShortestMtuV6) || IsTooSmall(message.Mtu, ShortestMtuV6) ? 1 : 0;
        MacAddress hardwareAddress = message.HardwareAddress ?? default;
        // Comparing bytes first: a repeated message, which is the usual one, allocates nothing.
        bool renamed = !message.Name.IsEmpty && !TextEquals(Name, message.Name);
        bool relabelled = !TextEquals(Alias, message.Alias);
        const LinkFlags relevant =
            LinkFlags.Up | LinkFlags.Running | LinkFlags.Loopback | LinkFlags.Multicast | LinkFlags.NoArp;
        bool changed = renamed
            || relabelled
            || ((Flags ^ message.Flags) & relevant) != 0
            || HardwareAddress != hardwareAddress
            || Mtu != message.Mtu
            || Parent != message.Parent
            || Master != message.Master;
        if (renamed)
            Name = System.Text.Encoding.UTF8.GetString(message.Name);
        if (relabelled)
            Alias = System.Text.Encoding.UTF8.GetString(message.Alias);
        Flags = message.Flags;
        HardwareAddress = hardwareAddress;
        Mtu = message.Mtu;
        Parent = message.Parent;
        Master = message.Master;
        return changed;
    }

    internal void Apply(in SettingsMessage message) => _forwardsV6 = message.Forwards ?? _forwardsV6;

    /// <returns>Whether anything is different now: a renewed lifetime is not.</returns>
    internal bool Put(in AddressMessage message)
    {
        int at = IndexOf(message.Prefix);
        if (at < 0)
        {
            _addresses.Add(message);
            return true;
        }

        bool changed = _addresses[at] != message;
        _addresses[at] = message;
        return changed;
    }

    /// <returns>
    /// True, also if it was not there: of an IPv6 address that is removed as soon as it is bound nothing else is told.
    /// </returns>
    internal bool Remove(IpPrefix prefix)
    {
        int at = IndexOf(prefix);
        if (at >= 0)
            _addresses.RemoveAt(at);
        return true;
    }

    /// <summary>Messages were lost: all is to be told anew.</summary>
    internal void BeginReload()
    {
        _isUnconfirmed = true;
        _forwardsV6 = null;
        _addresses.Clear();
        _resetsV4++;
        _resetsV6++;
    }

    /// <summary>Whether the link was not told of since <see cref="BeginReload"/>: it is gone.</summary>
    internal bool IsUnconfirmed => _isUnconfirmed;

    private static bool IsTooSmall(uint mtu, uint shortest) => mtu > 0 && mtu < shortest;

    private bool ReadForwardsV6()
    {
        try
        {
            return File.ReadAllText($"/proc/sys/net/ipv6/conf/{Name}/forwarding").Trim() != "0";
        }
        catch (IOException)
        {
            return false; // IPv6 is off, or the link is gone.
        }
    }

    private int IndexOf(IpPrefix prefix)
    {
        for (int i = 0; i < _addresses.Count; i++)
        {
            if (_addresses[i].Prefix == prefix)
                return i;
        }

        return -1;
    }

    // An alias has at most 255 bytes (IFALIASZ).
    private static bool TextEquals(string text, ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = stackalloc char[256];
        return System.Text.Encoding.UTF8.TryGetChars(bytes, characters, out int length)
            && text.AsSpan().SequenceEqual(characters[..length]);
    }
}
