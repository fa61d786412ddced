using System.Buffers.Binary;
using System.Text;
using VipOperator.Agent.Configuration;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Fuzz;

/// <summary>What reads bytes that others made. An exception other than the documented ones is a find.</summary>
internal static class Targets
{
    // Not before the first input: instrumented code runs within the fuzzer alone.
    private static readonly Lazy<RouterParameters[]> Routers = new(() => [.. Seeds.Routers]);

    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["advertisement"] = Advertisement,
        ["contract"] = Contract,
        ["netlink"] = Netlink,
        ["configuration"] = Configuration,
    };

    // The first byte says whether the packet came over IPv6 and whether the checksum is put right first: hardly any
    // input would get past it.
    private static void Advertisement(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        bool isV6 = (bytes[0] & 1) != 0;
        byte[] message = bytes[1..];
        var context = new PacketContext
        {
            Source = isV6 ? Seeds.Source6 : Seeds.Source4,
            Destination = MulticastGroup.Of(isV6 ? IpFamily.V6 : IpFamily.V4),
            TimeToLive = 255,
            ReceivedAtUtc = Seeds.Now,
        };
        if ((bytes[0] & 2) != 0 && message.Length >= 8)
            RepairChecksum(message);
        if (AdvertisementCodec.Decode(message, context, out Advertisement advertisement) != DropReason.None)
            return;
        foreach (RouterParameters router in Routers.Value)
        {
            AdvertisementCodec.Verify(message, advertisement, context, router, RouterState.Initial, new ReplayGuard());
            AdvertisementCodec.AddressesMatch(message, advertisement, router);
        }
    }

    // Only right for IPv4, where the sum is the message's alone.
    private static void RepairChecksum(byte[] message)
    {
        int count = message[3];
        int length = 8 + (count * 4) + (message[0] >> 4 == 2 ? 8 : 0);
        message[6] = message[7] = 0;
        uint sum = 0;
        for (int i = 0; i + 1 < Math.Min(length, message.Length); i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(i));
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)~sum);
    }

    private static void Contract(byte[] bytes)
    {
        var frames = new FrameBuffer();
        try
        {
            for (int i = 0; i < bytes.Length;)
            {
                Memory<byte> room = frames.GetMemory();
                int taken = Math.Min(room.Length, bytes.Length - i);
                bytes.AsMemory(i, taken).CopyTo(room);
                frames.Commit(taken);
                i += taken;
                while (frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
                    Read(type, payload);
            }
        }
        catch (ContractException)
        {
            // What the reader does not understand; the connection is closed.
        }
    }

    private static void Read(MessageType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case MessageType.Hello: HelloMessage.Read(payload); break;
            case MessageType.Configure: Validate(ConfigureMessage.Read(payload)); break;
            case MessageType.Health: HealthMessage.Read(payload); break;
            case MessageType.Handover: HandoverMessage.Read(payload); break;
            case MessageType.RouterReport: RouterReport.Read(payload); break;
            case MessageType.HeardReport: HeardReport.Read(payload); break;
            case MessageType.ProcessReport: ProcessReport.Read(payload); break;
            case MessageType.ConfigureResult: ConfigureResult.Read(payload); break;
            case MessageType.Capture: CaptureMessage.Read(payload); break;
            case MessageType.CapturedReport: CapturedReport.Read(payload); break;
            case MessageType.ReportRequest or MessageType.ReportEnd or MessageType.Ping or MessageType.Pong: break;
        }
    }

    private static void Validate(ConfigureMessage message)
    {
        foreach (RouterConfiguration router in message.Routers)
            router.Parameters.TryValidate(out _);
    }

    private static void Netlink(byte[] bytes)
    {
        LinkTable links = new();
        NetlinkReader reader = new(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            _ = message.Error;
            links.Apply(message);
            RouteMessage.TryRead(message.Payload, out _);
        }
    }

    private static void Configuration(byte[] bytes) => ConfigurationFile.Parse("fuzz", Encoding.UTF8.GetString(bytes));
}
