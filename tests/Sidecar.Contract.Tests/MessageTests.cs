using CsCheck;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract.Tests;

/// <summary>
/// What one half writes, the other reads; and whatever comes instead ends in a <see cref="ContractException"/>.
/// </summary>
public sealed class MessageTests
{
    private static readonly RouterConfiguration Router = new()
    {
        Handle = 3,
        Name = "default/wéb",
        InterfaceName = "eth0",
        Probed = true,
        Parameters = new RouterParameters
        {
            Version = VrrpVersion.V2,
            Family = IpFamily.V4,
            VirtualRouterId = VirtualRouterId.Create(51),
            Priority = new Priority(254),
            AdvertisementInterval = Centiseconds.FromSeconds(1),
            Addresses = [IpPrefix.Parse("192.168.1.108/32"), IpPrefix.Parse("192.168.1.109/24")],
            Preempt = false,
            PreemptDelay = TimeSpan.FromSeconds(7),
            OnProbeFailure = FailurePolicy.Demote,
            DemotionWeight = 50,
            Authentication = AuthenticationType.Simple,
            AuthenticationKey = [.. "1111222"u8],
            AuthenticationKeyId = 7,
            Transport = Transport.Unicast,
            Peers = [IpAddress.Parse("192.168.1.104")],
            AddressLifetime = TimeSpan.FromSeconds(3),
            PseudoHeaderChecksum = false,
            AnnounceRefresh = TimeSpan.FromSeconds(90),
            Alone = true,
            VirtualMac = true,
        },
    };

    [Fact]
    public void Configure_Read_IsAsWritten()
    {
        ConfigureMessage message = ConfigureMessage.Read(
            Payload(new ConfigureMessage(7, [Router]).Write, MessageType.Configure));

        Assert.Equal(7UL, message.Revision);
        Assert.Equal(Router, Assert.Single(message.Routers));
    }

    [Fact]
    public void ConfigureResult_Read_IsAsWritten()
    {
        ConfigureResult result = ConfigureResult.Read(
            Payload(new ConfigureResult(7, [new ConfigureProblem(3, "interfaceName: there is no link eth7")]).Write,
                MessageType.ConfigureResult));

        Assert.Equal(7UL, result.Revision);
        Assert.Equal([new ConfigureProblem(3, "interfaceName: there is no link eth7")], result.Problems);
    }

    [Fact]
    public void SmallMessages_Read_AreAsWritten()
    {
        HelloMessage hello = new(ContractVersion.Current, 4711);
        HealthMessage health = new(3, Health.Failing);
        HandoverMessage handover = new(3);
        CaptureMessage capture = new(CaptureMessage.MostMilliseconds);

        Assert.Equal(hello, HelloMessage.Read(Payload(hello.Write, MessageType.Hello)));
        Assert.Equal(health, HealthMessage.Read(Payload(health.Write, MessageType.Health)));
        Assert.Equal(handover, HandoverMessage.Read(Payload(handover.Write, MessageType.Handover)));
        Assert.Equal(capture, CaptureMessage.Read(Payload(capture.Write, MessageType.Capture)));
    }

    [Fact]
    public void Capture_ForEver_IsRefused() => Assert.Throws<ContractException>(
        () => CaptureMessage.Read(
            Payload(new CaptureMessage(CaptureMessage.MostMilliseconds + 1).Write, MessageType.Capture)));

    [Fact]
    public void Captured_Read_IsAsWritten()
    {
        CapturedReport captured = new()
        {
            As = CapturedAs.Dropped,
            Reason = DropReason.AuthenticationFailed,
            At = new MonotonicTime(12),
            InterfaceName = "eth0",
            Source = IpAddress.Parse("192.168.1.9"),
            Destination = IpAddress.Parse("224.0.0.18"),
            Version = 15,
            VirtualRouterId = 0,
            Priority = new Priority(0),
            AdvertisementInterval = new Centiseconds(100),
            RawAuthenticationType = 1,
            HasHmac = true,
            Missed = ulong.MaxValue,
            Addresses = [.. Enumerable.Range(0, 100).Select(i => IpAddress.V4((uint)i))],
        };

        CapturedReport read = CapturedReport.Read(Payload(captured.Write, MessageType.CapturedReport));

        // Of a longer list the first ones are told.
        Assert.Equal(captured.Addresses.Take(64), read.Addresses);
        Assert.Equal(captured, read with { Addresses = captured.Addresses });
    }

    [Fact]
    public void Reports_Read_AreAsWritten()
    {
        HeardReport heard = new(
            "eth0", 0, 15, new Priority(0), IpAddress.Parse("fe80::1"), DropReason.Checksum,
            new MonotonicTime(5), ulong.MaxValue);
        ProcessReport process = new(2, 3, 4, 5, 6, 50, true);
        RouterReport router = new()
        {
            Handle = 3,
            State = RouterStateKind.Active,
            Reason = TransitionReason.ActiveRouterResigned,
            Since = new MonotonicTime(12),
            EffectivePriority = new Priority(204),
            InterfaceName = "eth0",
            PrimaryAddress = IpAddress.Parse("192.168.1.103"),
            ActiveAddress = default,
            ActivePriority = default,
            ActiveAdvertisementInterval = new Centiseconds(100),
            BoundAddresses = [IpPrefix.Parse("192.168.1.108/32")],
            Problem = "",
            Counters = [1, 2, 3],
            Drops = [4, 5],
            Hints =
            [
                new RouterHint(
                    RouterHintKind.HeldElsewhere, new MonotonicTime(7), IpAddress.Parse("192.168.1.108"),
                    new MacAddress(0x0200_0000_0001), default),
                new RouterHint(
                    RouterHintKind.ForeignSpeaker, new MonotonicTime(8), IpAddress.Parse("192.168.1.1"), default,
                    DropReason.VersionMismatch),
            ],
        };

        Assert.Equal(heard, HeardReport.Read(Payload(heard.Write, MessageType.HeardReport)));
        Assert.Equal(process, ProcessReport.Read(Payload(process.Write, MessageType.ProcessReport)));
        RouterReport read = RouterReport.Read(Payload(router.Write, MessageType.RouterReport));
        Assert.Equal(
            router, read with
            {
                BoundAddresses = router.BoundAddresses,
                Counters = router.Counters,
                Drops = router.Drops,
                Hints = router.Hints
            });
        Assert.Equal(router.Hints, read.Hints);
        Assert.Equal(router.BoundAddresses, read.BoundAddresses);
        Assert.Equal(router.Counters, read.Counters);
        Assert.Equal(router.Drops, read.Drops);
    }

    [Fact]
    public void Hints_AllButNone_AdviseSomething()
    {
        foreach (RouterHintKind kind in Enum.GetValues<RouterHintKind>())
            Assert.Equal(kind == RouterHintKind.None,
                new RouterHint(kind, default, default, default, DropReason.Length).Advice.Length == 0);
    }

    [Fact]
    public void AnyPayload_IsReadOrRefused() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        Action<byte[]>[] readers =
        [
            b => ConfigureMessage.Read(b), b => ConfigureResult.Read(b), b => HelloMessage.Read(b),
            b => HealthMessage.Read(b),
            b => HandoverMessage.Read(b), b => HeardReport.Read(b), b => ProcessReport.Read(b),
            b => RouterReport.Read(b),
            b => CaptureMessage.Read(b), b => CapturedReport.Read(b),
        ];
        foreach (Action<byte[]> read in readers)
        {
            try
            {
                read(bytes);
            }
            catch (ContractException)
            {
                // The one exception that a reader may throw.
            }
        }
    });

    /// <summary>A message cut off anywhere is refused, and so is one with something behind it.</summary>
    [Fact]
    public void Configure_CutOrExtended_IsRefused()
    {
        byte[] payload = Payload(new ConfigureMessage(7, [Router]).Write, MessageType.Configure);
        for (int length = 0; length < payload.Length; length++)
            Assert.Throws<ContractException>(() => ConfigureMessage.Read(payload.AsSpan(0, length)));
        Assert.Throws<ContractException>(() => ConfigureMessage.Read([.. payload, 0]));
    }

    /// <summary>However the stream is cut into pieces, the frames come out whole and in order.</summary>
    [Fact]
    public void FrameBuffer_AnyPieces_YieldsTheFrames() => Gen.Int[1, 50].Array[1, 100].Sample(sizes =>
    {
        WireWriter writer = new();
        for (uint handle = 0; handle < 100; handle++)
            new HandoverMessage(handle).Write(writer);
        FrameBuffer frames = new();
        List<uint> handles = [];
        ReadOnlySpan<byte> rest = writer.Written;
        for (int i = 0; !rest.IsEmpty; i++)
        {
            int size = Math.Min(Math.Min(sizes[i % sizes.Length], rest.Length), frames.GetMemory().Length);
            rest[..size].CopyTo(frames.GetMemory().Span);
            rest = rest[size..];
            frames.Commit(size);
            while (frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
            {
                Assert.Equal(MessageType.Handover, type);
                handles.Add(HandoverMessage.Read(payload).Handle);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (uint)i), handles);
    });

    [Theory]
    [InlineData("00000000")] // no type
    [InlineData("01000001" + "01")] // 16 MiB and one byte
    [InlineData("01000000" + "ff")] // no such type
    public void FrameBuffer_Nonsense_IsRefused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        FrameBuffer frames = new();
        bytes.CopyTo(frames.GetMemory().Span);
        frames.Commit(bytes.Length);

        Assert.Throws<ContractException>(() => frames.TryTake(out _, out _));
    }

    private static byte[] Payload(Action<WireWriter> write, MessageType expected)
    {
        WireWriter writer = new(initialCapacity: 16);
        write(writer);
        FrameBuffer frames = new();
        ReadOnlySpan<byte> rest = writer.Written;
        while (!rest.IsEmpty)
        {
            int size = Math.Min(rest.Length, frames.GetMemory().Length);
            rest[..size].CopyTo(frames.GetMemory().Span);
            frames.Commit(size);
            rest = rest[size..];
        }

        Assert.True(frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload));
        Assert.Equal(expected, type);
        return payload.ToArray();
    }
}
