using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Netlink;

/// <summary>What the kernel does on a link for IPv6, as RTM_NEWNETCONF tells of it when it changes.</summary>
internal readonly record struct SettingsMessage
{
    /// <summary>struct netconfmsg: u8 family, padded.</summary>
    private const int HeaderLength = 4;

    /// <summary>Negative: of no link, but of all or of those to come.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>Whether packets are routed; null when the message does not say.</summary>
    public required bool? Forwards { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out SettingsMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength || payload[0] != NetlinkFamily.V6)
            return false;
        int? link = null;
        bool? forwards = null;
        AttributeReader attributes = new(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (value.Length != sizeof(int))
                continue;
            if (type == SettingsAttribute.Link)
                link = MemoryMarshal.Read<int>(value);
            else if (type == SettingsAttribute.Forwarding)
                forwards = MemoryMarshal.Read<int>(value) != 0;
        }

        message = new SettingsMessage { LinkIndex = link ?? 0, Forwards = forwards };
        return link is not null;
    }
}
