using System.Globalization;
using System.Security.Cryptography;
using CsCheck;
using static VipOperator.Vrrp.Tests.CapturedPackets;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// keepalived's HMAC. The first two vectors are those of draft-cassen-vrrp-auth-hmac's appendix; all were computed anew
/// from the description of the format, by Python's hmac module.
/// </summary>
public sealed class HmacTests
{
    private const long Second = 1_000_000_000;

    // The vectors' time: 2025-04-18 12:23:28.5 UTC.
    private const ulong Sequence = 0x68000000_8000_0000;

    private static readonly byte[] V3Ipv4Signed = Hex(
        "3133c801 00644402 c0000264  01010000 6800000080000000 1b84bc4e8e43892dc6d98448f8ee2265");

    private static readonly byte[] V3Ipv6Signed = Hex(
        "3133c801 0064a2e9 fe800000000000000000000000000100  01010000 6800000080000000 c8c56146ebfd66ee10ec4d8186461b78");

    // The same with the pseudo-header that keepalived sums: the HMAC takes the checksum as zero.
    private static readonly byte[] V3PseudoHeaderSigned = Hex(
        "3133c801 00643935 c0000264  01010000 6800000080000000 1b84bc4e8e43892dc6d98448f8ee2265");

    // From 192.168.1.103; a key of 64 bytes, 00 … 3f, number 7. The authentication data of v2 is covered as well.
    private static readonly byte[] V2Signed = Hex(
        "21336402 0001f69e c0a8016c c0a8016d 0000000000000000  01070000 6912345640000003 "
        + "d5873fb7e720969deba655fb2e40a2ac");

    private static readonly RouterParameters V3Ipv4 = V3Router with
    {
        Priority = new(200),
        Addresses = [IpPrefix.Parse("192.0.2.100")],
        Authentication = AuthenticationType.Hmac,
        AuthenticationKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        PseudoHeaderChecksum = false,
    };

    private static readonly RouterParameters V3Ipv6 = V3Ipv4 with
    {
        Family = IpFamily.V6,
        Addresses = [IpPrefix.Parse("fe80::100")],
        Transport = Transport.Unicast,
        Peers = [IpAddress.Parse("fe80::10")],
    };

    private static readonly RouterParameters V2 = V2TwoAddressesRouter with
    {
        Authentication = AuthenticationType.Hmac,
        AuthenticationKey = [.. Enumerable.Range(0, 64).Select(i => (byte)i)],
        AuthenticationKeyId = 7,
    };

    private static readonly PacketContext From4 =
        At(Sequence, new()
        { Source = IpAddress.Parse("198.51.100.10"), Destination = MulticastGroup.V4, TimeToLive = 255 });

    private static readonly PacketContext From6 = At(
        Sequence,
        new() { Source = IpAddress.Parse("fe80::10"), Destination = IpAddress.Parse("fe80::20"), TimeToLive = 255 });

    private static readonly PacketContext FromV2 = At(0x69123456_4000_0003, Context4);

    public static TheoryData<string> Names => ["v3 IPv4", "v3 IPv4 with pseudo-header", "v3 IPv6", "v2"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Vector_IsAccepted(string name)
    {
        (byte[] message, RouterParameters parameters, PacketContext context, _) = Vector(name);
        Assert.Equal(DropReason.None, Verify(message, parameters, context));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Vector_IsWhatWeSend(string name)
    {
        (byte[] message, RouterParameters parameters, PacketContext context, ulong sequence) = Vector(name);
        Assert.Equal(message, Encode(parameters, sequence, context));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnyBitChanged_IsDropped(string name)
    {
        (byte[] message, RouterParameters parameters, PacketContext context, _) = Vector(name);
        for (int i = 0; i < message.Length * 8; i++)
        {
            byte[] changed = [.. message];
            changed[i / 8] ^= (byte)(1 << (i % 8));
            Assert.NotEqual(DropReason.None, Verify(changed, parameters, context));
        }
    }

    // The checksum is repaired, so only the HMAC can tell.
    [Theory]
    [InlineData(2, DropReason.AuthenticationFailed)] // priority
    [InlineData(5, DropReason.AuthenticationFailed)] // interval
    [InlineData(11, DropReason.AuthenticationFailed)] // address
    [InlineData(12, DropReason.AuthenticationTypeMismatch)] // the trailer's type
    [InlineData(13, DropReason.AuthenticationKeyUnknown)] // key id
    [InlineData(15, DropReason.AuthenticationTypeMismatch)] // reserved
    [InlineData(19, DropReason.AuthenticationFailed)] // seconds
    [InlineData(23, DropReason.AuthenticationFailed)] // counter
    [InlineData(24, DropReason.AuthenticationFailed)] // code
    [InlineData(39, DropReason.AuthenticationFailed)]
    public void ByteChanged_HasItsReason(int at, DropReason expected)
    {
        byte[] message = [.. V3Ipv4Signed];
        message[at] ^= 1;
        message[6] = message[7] = 0;
        ushort sum = InternetChecksum.Fold(InternetChecksum.Add(0, message.AsSpan(0, 12)));
        (message[6], message[7]) = ((byte)(sum >> 8), (byte)sum);

        Assert.Equal(expected, Verify(message, V3Ipv4, From4));
    }

    [Fact]
    public void AnotherSender_IsDropped() => Assert.Equal(
        DropReason.AuthenticationFailed, Verify(
            V3Ipv4Signed, V3Ipv4, From4 with { Source = IpAddress.Parse("198.51.100.11") }));

    [Fact]
    public void AnotherKey_IsDropped() => Assert.Equal(
        DropReason.AuthenticationFailed, Verify(
            V3Ipv4Signed, V3Ipv4 with { AuthenticationKey = [.. new byte[32]] }, From4));

    [Fact]
    public void NoHmacWhereOneIsConfigured_IsDropped() => Assert.Equal(
        DropReason.AuthenticationTypeMismatch, Verify(V3Ipv4Signed[..12], V3Ipv4, From4));

    [Fact]
    public void HmacWhereNoneIsConfigured_IsDropped() => Assert.Equal(
        DropReason.AuthenticationTypeMismatch, Verify(
            V3Ipv4Signed, V3Ipv4 with { Authentication = AuthenticationType.None }, From4));

    [Fact]
    public void HmacWhereAPasswordIsConfigured_IsDropped() => Assert.Equal(
        DropReason.AuthenticationTypeMismatch, Verify(
            V2Signed, V2 with { Authentication = AuthenticationType.Simple }, FromV2));

    [Theory]
    [InlineData(27)]
    [InlineData(29)]
    [InlineData(56)]
    public void AnyOtherLength_IsDropped(int trailer) => Assert.Equal(
        DropReason.Length,
        AdvertisementCodec.Decode([.. V3Ipv4Signed.AsSpan(0, 12), .. new byte[trailer]], From4, out _));

    // Published by NIST (FIPS 180-2, appendix B), and every length around the block's against the runtime's.
    [Fact]
    public void Sha256_IsTheStandards()
    {
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", Digest("abc"u8));
        Assert.Equal(
            "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1",
            Digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"u8));
        for (int length = 0; length < 300; length++)
        {
            byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
            Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), Digest(bytes));
        }
    }

    [Fact]
    public void HmacSha256_IsTheRuntimes() =>
        Gen.Select(Gen.Byte.Array[0, 64], Gen.Byte.Array[0, 200], Gen.Int[0, 200]).Sample(
        (key, bytes, cut) =>
        {
            var hmac = new HmacSha256(key);
            hmac.Append(bytes.AsSpan(0, Math.Min(cut, bytes.Length)));
            hmac.Append(bytes.AsSpan(Math.Min(cut, bytes.Length)));
            var code = new byte[32];
            hmac.Finish(code);
            Assert.Equal(HMACSHA256.HashData(key, bytes), code);
        },
        iter: 2_000);

    [Fact]
    public void Sequence_IsTheClockInSecondsAndFractions()
    {
        var sequence = new AdvertisementSequence();
        Assert.Equal(0x68000000_8000_0000ul, sequence.Next(new((0x68000000 * Second) + (Second / 2))));
    }

    [Fact]
    public void Sequence_GrowsWhereTheClockDoesNot()
    {
        var sequence = new AdvertisementSequence();
        var now = new UtcTime(0x68000000 * Second);
        Assert.Equal(0x68000000_0000_0000ul, sequence.Next(now));
        Assert.Equal(0x68000000_0000_0001ul, sequence.Next(now));
        Assert.Equal(0x68000000_0000_0002ul, sequence.Next(new(now.Nanoseconds - (3600 * Second))));
        Assert.Equal(0x68000001_0000_0000ul, sequence.Next(new(now.Nanoseconds + Second)));
    }

    [Fact]
    public void Sequence_AfterTheYear2106_GoesOn()
    {
        var sequence = new AdvertisementSequence();
        sequence.Next(new(0xffffffff * Second));
        Assert.Equal(0x00000001_0000_0000ul, sequence.Next(new(0x1_0000_0001 * Second)));
    }

    // Ahead of the clock by more than five minutes: 301 s.
    [Theory]
    [InlineData(0, false)]
    [InlineData(300, false)]
    [InlineData(301, true)]
    [InlineData(3600, true)]
    public void Sequence_ClockSetBack_IsSentByTheClockToo(int back, bool expected)
    {
        var sequence = new AdvertisementSequence();
        sequence.Next(new(10_000 * Second));
        var later = new UtcTime((10_000 - back) * Second);
        sequence.Next(later);

        Assert.Equal(expected, sequence.TryNextByClock(later, out ulong byClock));
        if (!expected)
            return;
        Assert.Equal((ulong)(10_000 - back) << 32, byClock);
        Assert.True(sequence.TryNextByClock(later, out ulong again));
        Assert.Equal(byClock + 1, again);
    }

    // Whichever clock was wrong: one of the two numbers is taken by who is in touch and by who was just started.
    [Theory]
    [InlineData(4600, 1001)] // it had been ahead, and was set right
    [InlineData(4600, 4601)] // it was right, and was set back wrongly
    public void ClockOfASenderSetBack_EverybodyTakesOneOfItsNumbers(int inTouchSince, int receiversClock)
    {
        var inTouch = new Receiver { ClockSeconds = inTouchSince };
        Assert.Equal(DropReason.None, inTouch.Take(4600, 0));
        var sequence = new AdvertisementSequence();
        sequence.Next(new(4600 * Second));
        for (int i = 1; i < 10; i++)
        {
            var justStarted = new Receiver { ClockSeconds = receiversClock + i };
            inTouch.ClockSeconds = receiversClock + i;
            var clock = new UtcTime((1000 + i) * Second);
            ulong growing = sequence.Next(clock);
            Assert.True(sequence.TryNextByClock(clock, out ulong byClock));

            Assert.Contains(DropReason.None, (DropReason[])[inTouch.Take(growing, i), inTouch.Take(byClock, i)]);
            Assert.Contains(
                DropReason.None, (DropReason[])[justStarted.Take(growing, i), justStarted.Take(byClock, i)]);
        }
    }

    [Fact]
    public void SameAgain_IsReplayed()
    {
        var receiver = new Receiver();
        Assert.Equal(DropReason.None, receiver.Take(1000, 0));
        Assert.Equal(DropReason.AuthenticationReplayed, receiver.Take(1000, 1));
        Assert.Equal(DropReason.AuthenticationReplayed, receiver.Take(999, 2));
        Assert.Equal(DropReason.None, receiver.Take(1001, 3));
    }

    [Fact]
    public void SameNumberOfAnotherSender_IsTaken()
    {
        var receiver = new Receiver();
        Assert.Equal(DropReason.None, receiver.Take(1000, 0));
        Assert.Equal(DropReason.None, receiver.Take(1000, 0, from: 2));
    }

    [Theory]
    [InlineData(700, DropReason.None)]
    [InlineData(699, DropReason.AuthenticationStale)]
    [InlineData(1300, DropReason.None)]
    [InlineData(1301, DropReason.AuthenticationStale)]
    public void FirstOfASender_IsOfTheseFiveMinutes(int made, DropReason expected) =>
        Assert.Equal(expected, new Receiver { ClockSeconds = 1000 }.Take(made, 0));

    // Either clock may be set: who is in touch stays so.
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void ClockSetWhileInTouch_ChangesNothing(int step)
    {
        var receiver = new Receiver { ClockSeconds = 10_000 };
        Assert.Equal(DropReason.None, receiver.Take(10_000, 0));
        receiver.ClockSeconds += step;
        Assert.Equal(DropReason.None, receiver.Take(10_001, 1));
        Assert.Equal(DropReason.None, receiver.Take(10_002 + Math.Max(0, step), 2));
    }

    // What a peer sent while it was Active and we did not listen must not count when it is not any more.
    [Fact]
    public void RecordedAndSentAfterFiveMinutes_IsDropped()
    {
        var receiver = new Receiver { ClockSeconds = 1000 };
        Assert.Equal(DropReason.None, receiver.Take(1000, 0));
        receiver.ClockSeconds = 1400;
        Assert.Equal(DropReason.AuthenticationStale, receiver.Take(1050, 400));
        Assert.Equal(DropReason.AuthenticationReplayed, receiver.Take(1000, 400));
        Assert.Equal(DropReason.None, receiver.Take(1400, 400));
    }

    // Its clock had been an hour ahead when it started; it was set right and the sender restarted.
    [Fact]
    public void SenderBeginsAnewAfterItsClockWasSetBack_IsTaken()
    {
        var receiver = new Receiver { ClockSeconds = 4600 };
        Assert.Equal(DropReason.None, receiver.Take(4600, 0));
        receiver.ClockSeconds = 1001;
        Assert.Equal(DropReason.None, receiver.Take(1001, 1));
        Assert.Equal(DropReason.AuthenticationReplayed, receiver.Take(1000, 2));
    }

    [Fact]
    public void NinthSender_TakesThePlaceOfTheOneHeardLongestAgo()
    {
        var receiver = new Receiver();
        for (byte from = 1; from <= 9; from++)
            Assert.Equal(DropReason.None, receiver.Take(1000, from, from));

        Assert.Equal(DropReason.AuthenticationReplayed, receiver.Take(1000, 20, 2));
        Assert.Equal(DropReason.None, receiver.Take(1000, 20, 1));
    }

    [Theory]
    [InlineData(
        "0123456789abcdef0123456789abcdef\n", 1, "30313233343536373839616263646566 30313233343536373839616263646566")]
    [InlineData("hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1,
        "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f")]
    [InlineData(" key 7 hex:FF00\n", 7, "ff00")]
    [InlineData("key 255 secret words", 255, "736563726574 20 776f726473")]
    [InlineData("keyword", 1, "6b6579776f7264")]
    public void Key_IsReadAsKeepalivedReadsIt(string text, int id, string bytes)
    {
        Assert.True(HmacKey.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out HmacKey key, out _));
        Assert.Equal(id, key.Id);
        Assert.Equal(Hex(bytes), key.Bytes.ToArray());
        Assert.Equal($"key {id}", key.ToString());
    }

    [Theory]
    [InlineData("key 0 hex:ff00", "the key's id is 1 to 255")]
    [InlineData("key 256 hex:ff00", "the key's id is 1 to 255")]
    [InlineData("key x hex:ff00", "the key's id is 1 to 255")]
    [InlineData("hex:f", "after hex: two hexadecimal digits for each byte are needed")]
    [InlineData("hex:fg", "after hex: two hexadecimal digits for each byte are needed")]
    public void Key_Malformed_IsRefusedWithoutShowingIt(string text, string reason)
    {
        Assert.False(HmacKey.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out _, out string why));
        Assert.Equal(reason, why);
    }

    private static string Digest(ReadOnlySpan<byte> bytes)
    {
        Sha256 hash = Sha256.Begin();
        hash.Append(bytes[..(bytes.Length / 3)]);
        hash.Append(bytes[(bytes.Length / 3)..]);
        var digest = new byte[Sha256.DigestLength];
        hash.Finish(digest);
        return Convert.ToHexString(digest);
    }

    private static (byte[] Message, RouterParameters Parameters, PacketContext Context,
        ulong Sequence) Vector(string name) => name switch
        {
            "v3 IPv4" => (V3Ipv4Signed, V3Ipv4, From4, Sequence),
            "v3 IPv4 with pseudo-header" =>
                (V3PseudoHeaderSigned, V3Ipv4 with { PseudoHeaderChecksum = true }, From4, Sequence),
            "v3 IPv6" => (V3Ipv6Signed, V3Ipv6, From6, Sequence),
            "v2" => (V2Signed, V2, FromV2, 0x69123456_4000_0003),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    private static PacketContext At(ulong sequence, PacketContext context) =>
        context with { ReceivedAtUtc = new((long)(sequence >> 32) * Second) };

    private static DropReason Verify(byte[] message, RouterParameters parameters, PacketContext context)
    {
        DropReason reason = AdvertisementCodec.Decode(message, context, out Advertisement advertisement);
        return reason != DropReason.None
            ? reason
            : AdvertisementCodec.Verify(
                message, advertisement, context, parameters, RouterState.Initial, new ReplayGuard());
    }

    private static byte[] Encode(RouterParameters parameters, ulong sequence, PacketContext context)
    {
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        RouterEffect send = RouterEffect.Send(parameters.Priority, parameters.AdvertisementInterval, parameters);
        int length = AdvertisementCodec.Encode(parameters, send, sequence, context.Source, context.Destination, buffer);
        return buffer[..length];
    }

    /// <summary>Takes signed advertisements by the second in which they were made.</summary>
    private sealed class Receiver
    {
        private readonly ReplayGuard _replays = new();

        public long ClockSeconds { get; set; } = 1000;

        public DropReason Take(int madeAt, int monotonicSeconds, byte from = 1) =>
            Take((ulong)madeAt << 32, monotonicSeconds, from);

        public DropReason Take(ulong sequence, int monotonicSeconds, byte from = 1)
        {
            PacketContext context = From4 with
            {
                Source = IpAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"198.51.100.{from}")),
                ReceivedAt = new(monotonicSeconds * Second),
                ReceivedAtUtc = new(ClockSeconds * Second),
            };
            byte[] message = Encode(V3Ipv4, sequence, context);
            Assert.Equal(DropReason.None, AdvertisementCodec.Decode(message, context, out Advertisement advertisement));
            return AdvertisementCodec.Verify(message, advertisement, context, V3Ipv4, RouterState.Initial, _replays);
        }
    }
}
