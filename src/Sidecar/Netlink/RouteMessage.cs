using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Netlink;

/// <summary>A unicast route with one next hop, as RTM_NEWROUTE tells of it.</summary>
internal readonly record struct RouteMessage
{
    public const uint MainTable = 254; // RT_TABLE_MAIN

    /// <summary>
    /// struct rtmsg: u8 family, destination length, source length, TOS, table, protocol, scope, type; u32 flags.
    /// </summary>
    private const int HeaderLength = 12;

    private const byte UnicastType = 1; // RTN_UNICAST

    public required uint Table { get; init; }

    /// <summary>0: a default route.</summary>
    public required byte DestinationLength { get; init; }

    /// <summary>0 when the route has several next hops or none.</summary>
    public required int OutputLink { get; init; }

    public required uint Metric { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out RouteMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength || payload[7] != UnicastType)
            return false;
        uint table = payload[4];
        uint metric = 0;
        int outputLink = 0;
        AttributeReader attributes = new(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (value.Length != sizeof(uint))
                continue;
            if (type == RouteAttribute.Table)
                table = MemoryMarshal.Read<uint>(value);
            else if (type == RouteAttribute.Metric)
                metric = MemoryMarshal.Read<uint>(value);
            else if (type == RouteAttribute.OutputLink)
                outputLink = MemoryMarshal.Read<int>(value);
        }

        message = new RouteMessage
        { Table = table, DestinationLength = payload[1], OutputLink = outputLink, Metric = metric };
        return true;
    }
}
