using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;

namespace VipOperator.Vrrp.Tests;

/// <summary>tshark as the judge of what we send: it decodes by itself and checks every sum.</summary>
public sealed class TsharkTests
{
    private const string Fields =
        "-T fields -E separator=| -e vrrp.version -e vrrp.virt_rtr_id -e vrrp.prio -e vrrp.addr_count -e "
        + "vrrp.checksum.status -e arp.isgratuitous -e icmpv6.type -e icmpv6.checksum.status -e icmpv6.nd.na.flag.o -e "
        + "_ws.expert.message";

    private static readonly MacAddress Mac = MacAddress.Read([2, 0, 0, 0, 0, 1]);

    [Fact]
    public async Task EveryKindOfPacket_IsReadAsMeantWithGoodChecksums()
    {
        byte[][] frames =
        [
            Ipv4(CapturedPackets.V2PasswordRouter, 100),
            Ipv4(CapturedPackets.V2TwoAddressesRouter, 0),
            Ipv4(CapturedPackets.V3Router, 254),
            Ipv6(CapturedPackets.V3Ipv6Router, 100),
            Arp(request: true),
            Arp(request: false),
            Announcement(isRouter: false),
            Announcement(isRouter: true),
        ];

        string[] lines = await Read(frames);

        // Version, id, priority, addresses, checksum status (1 good); gratuitous ARP; type 136, status, Override;
        // complaints.
        Assert.Equal(
            [
                "2|51|100|1|1|||||",
                "2|51|0|2|1|||||",
                "3|51|254|1|1|||||",
                "3|51|100|2|1|||||",
                "|||||1||||",
                "|||||1||||",
                "||||||136|1|1|",
                "||||||136|1|1|",
            ],
            lines);
    }

    private static byte[] Ipv4(RouterParameters parameters, byte priority)
    {
        byte[] message = Encode(parameters, priority, CapturedPackets.Source4);
        byte[] packet = new byte[20 + message.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 255;
        packet[9] = 112;
        CapturedPackets.Source4.Write(packet.AsSpan(12));
        MulticastGroup.V4.Write(packet.AsSpan(16));
        BinaryPrimitives.WriteUInt16BigEndian(
            packet.AsSpan(10), InternetChecksum.Fold(InternetChecksum.Add(0, packet)));
        message.CopyTo(packet, 20);
        return [0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 2, 0, 0, 0, 0, 1, 0x08, 0x00, .. packet];
    }

    private static byte[] Ipv6(RouterParameters parameters, byte priority)
    {
        byte[] message = Encode(parameters, priority, CapturedPackets.Source6);
        byte[] packet = new byte[40 + message.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)message.Length);
        packet[6] = 112;
        packet[7] = 255;
        CapturedPackets.Source6.Write(packet.AsSpan(8));
        MulticastGroup.V6.Write(packet.AsSpan(24));
        message.CopyTo(packet, 40);
        return [0x33, 0x33, 0x00, 0x00, 0x00, 0x12, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, .. packet];
    }

    private static byte[] Encode(RouterParameters parameters, byte priority, IpAddress source)
    {
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        int length = Codec.Encode(parameters, new(priority), source, MulticastGroup.Of(parameters.Family), buffer);
        return buffer[..length];
    }

    private static byte[] Arp(bool request)
    {
        var buffer = new byte[GratuitousArp.Length];
        GratuitousArp.Encode(Mac, IpAddress.Parse("192.168.1.108"), request, buffer);
        return buffer;
    }

    private static byte[] Announcement(bool isRouter)
    {
        var buffer = new byte[UnsolicitedNeighborAdvertisement.Length];
        UnsolicitedNeighborAdvertisement.Encode(Mac, IpAddress.Parse("2001:db8::108"), isRouter, buffer);
        return buffer;
    }

    private static async Task<string[]> Read(byte[][] frames)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, Capture(frames), TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("tshark", $"-n -r {file} {Fields}")
            { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process tshark = Start(start);
            Task<string> errors = tshark.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await tshark.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await tshark.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(tshark.ExitCode == 0, await errors);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("tshark is not installed.");
            throw;
        }
    }

    // The pcap file format: a header (magic, 2.4, snapshot length, Ethernet), then a length twice before each frame.
    private static byte[] Capture(byte[][] frames)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (uint word in (uint[])[0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1])
            writer.Write(word);
        foreach (byte[] frame in frames)
        {
            writer.Write(0UL);
            writer.Write(frame.Length);
            writer.Write(frame.Length);
            writer.Write(frame);
        }

        return stream.ToArray();
    }
}
