using System.Diagnostics;
using System.Net.Sockets;

namespace VipOperator.Traffic;

/// <summary>
/// Packets of IP protocol 112 that are no advertisements: cut off, too long, of unknown versions and types, with bad
/// checksums, from too far away, and plain noise.
/// </summary>
internal static class Flood
{
    private const int LongestMessage = 1400;

    public static int Run(string link, string source, int perSecond, int seconds)
    {
        using LinkSocket socket = new(link);
        VrrpFrame frame = new(link, source);
        Random random = new(1);
        long start = Stopwatch.GetTimestamp();
        long total = (long)perSecond * seconds;
        for (long sent = 0; sent < total; sent++)
        {
            if (sent % 100 == 0)
            {
                TimeSpan ahead = TimeSpan.FromSeconds((double)sent / perSecond) - Stopwatch.GetElapsedTime(start);
                if (ahead > TimeSpan.FromMilliseconds(1))
                    Thread.Sleep(ahead);
            }

            ReadOnlySpan<byte> packet = Make(frame, (int)(sent % 8), random);
            try
            {
                socket.Send(packet);
            }
            catch (SocketException)
            {
                // The queue is full: that packet is lost, as on a busy network.
            }
        }

        return 0;
    }

    private static ReadOnlySpan<byte> Make(VrrpFrame frame, int kind, Random random)
    {
        // A well-formed version 3 advertisement of virtual router 51 at priority 254 but for its checksum.
        ReadOnlySpan<byte> advertisement = [0x31, 51, 254, 1, 0, 20, 0xde, 0xad, 192, 168, 1, 108];
        Span<byte> message = frame.Message;
        advertisement.CopyTo(message);
        int length = advertisement.Length;
        byte timeToLive = 255;
        switch (kind)
        {
            case 0: break; // the checksum alone
            case 1: length = random.Next(8); break;
            case 2: length = random.Next(13, LongestMessage); break;
            case 3: message[0] = (byte)((random.Next(16) << 4) | 1); break;
            case 4: message[0] = (byte)(0x30 | random.Next(2, 16)); break;
            case 5: message[3] = (byte)random.Next(2, 256); break;
            case 6: timeToLive = 64; break;
            default:
                length = random.Next(LongestMessage);
                random.NextBytes(message[..length]);
                break;
        }

        return frame.Finish(length, timeToLive);
    }
}
