using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>A speaker whose packets were dropped, and why.</summary>
internal record struct Speaker
{
    public required int LinkIndex { get; init; }

    public required IpAddress Source { get; init; }

    /// <summary>As received.</summary>
    public required byte RouterId { get; init; }

    public required DropReason Reason { get; init; }

    /// <summary>As received last.</summary>
    public byte Version { get; set; }

    /// <summary>As received last.</summary>
    public Priority Priority { get; set; }

    public MonotonicTime LastHeard { get; set; }

    public ulong Count { get; set; }
}

/// <summary>
/// Who else speaks VRRP on our links. Bounded, whatever the links carry: the one not heard for the longest makes room.
/// A new one is told at once, but not more than <see cref="MostNewInWindow"/> in a second; a report tells all.
/// </summary>
internal sealed class SpeakerTable
{
    public const int Capacity = 64;
    public const int MostNewInWindow = 8;

    private const long WindowNanoseconds = 1_000_000_000;

    private readonly Speaker[] _speakers = new Speaker[Capacity];
    private MonotonicTime _windowEnd;
    private int _newInWindow;

    /// <summary>Raised for a new speaker with its place.</summary>
    public event Action<int>? Appeared;

    public int Count { get; private set; }

    public ref readonly Speaker this[int index] => ref _speakers[index];

    /// <param name="message">The bytes after the IP header, of any length.</param>
    public void Note(int linkIndex, ReadOnlySpan<byte> message, in PacketContext context, DropReason reason)
    {
        MonotonicTime now = MonotonicClock.Now;
        byte routerId = message.Length > 1 ? message[1] : (byte)0;
        int at = IndexOf(linkIndex, context.Source, routerId, reason);
        bool isNew = at < 0;
        if (isNew)
        {
            at = Count < Capacity ? Count++ : Stalest();
            _speakers[at] =
                new Speaker { LinkIndex = linkIndex, Source = context.Source, RouterId = routerId, Reason = reason };
        }

        ref Speaker speaker = ref _speakers[at];
        speaker.Version = message.Length > 0 ? (byte)(message[0] >> 4) : (byte)0;
        speaker.Priority = new Priority(message.Length > 2 ? message[2] : (byte)0);
        speaker.LastHeard = now;
        speaker.Count++;
        if (isNew && MayTell(now))
            Appeared?.Invoke(at);
    }

    private bool MayTell(MonotonicTime now)
    {
        if (now >= _windowEnd)
        {
            _windowEnd = now.PlusNanoseconds(WindowNanoseconds);
            _newInWindow = 0;
        }

        return ++_newInWindow <= MostNewInWindow;
    }

    private int IndexOf(int linkIndex, IpAddress source, byte routerId, DropReason reason)
    {
        for (int i = 0; i < Count; i++)
        {
            ref readonly Speaker speaker = ref _speakers[i];
            if (speaker.RouterId == routerId && speaker.Reason == reason && speaker.LinkIndex == linkIndex
                && speaker.Source == source)
                return i;
        }

        return -1;
    }

    private int Stalest()
    {
        int stalest = 0;
        for (int i = 1; i < Count; i++)
        {
            if (_speakers[i].LastHeard < _speakers[stalest].LastHeard)
                stalest = i;
        }

        return stalest;
    }
}
