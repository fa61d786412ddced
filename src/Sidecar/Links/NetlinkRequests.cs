using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Links;

/// <summary>Takes one message of a dump.</summary>
internal delegate void NetlinkMessageHandler(in NetlinkMessage message);

/// <summary>Asks the kernel and waits for its answer: dumps, and addresses to bind, renew and remove.</summary>
/// <param name="timeout">How long an answer is waited for.</param>
internal sealed class NetlinkRequests(TimeSpan timeout) : IDisposable
{
    /// <summary>The kernel answers while it takes the request; only a bug makes us wait.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Addresses of one request; more go in several.</summary>
    private const int MostAtOnce = 64;

    private readonly NetlinkSocket _socket = NetlinkSocket.OpenRequests(timeout);
    private readonly byte[] _request = new byte[MostAtOnce * AddressMessage.LongestMessage];
    private readonly byte[] _answer = new byte[64 * 1024];
    private uint _sequence;

    /// <summary>Binds all of <paramref name="addresses"/>, or sets their lifetime anew.</summary>
    /// <returns>0, or the first error number, positive; the others have been tried all the same.</returns>
    public int Bind(int linkIndex, ReadOnlySpan<IpPrefix> addresses, TimeSpan lifetime)
    {
        int error = 0;
        for (; !addresses.IsEmpty; addresses = addresses[Math.Min(MostAtOnce, addresses.Length)..])
        {
            NetlinkWriter writer = new(_request);
            uint first = _sequence + 1;
            foreach (IpPrefix address in addresses[..Math.Min(MostAtOnce, addresses.Length)])
                AddressMessage.WriteAdd(ref writer, ++_sequence, linkIndex, address, lifetime);
            error = FirstOf(error, Execute(_request.AsSpan(0, writer.Length), first, toleratesGone: false));
        }

        return error;
    }

    /// <summary>Removes all of <paramref name="addresses"/>; those that are gone already are no error.</summary>
    /// <returns>0, or the first error number, positive; the others have been tried all the same.</returns>
    public int Remove(int linkIndex, ReadOnlySpan<IpPrefix> addresses)
    {
        int error = 0;
        for (; !addresses.IsEmpty; addresses = addresses[Math.Min(MostAtOnce, addresses.Length)..])
        {
            NetlinkWriter writer = new(_request);
            uint first = _sequence + 1;
            foreach (IpPrefix address in addresses[..Math.Min(MostAtOnce, addresses.Length)])
                AddressMessage.WriteRemove(ref writer, ++_sequence, linkIndex, address);
            error = FirstOf(error, Execute(_request.AsSpan(0, writer.Length), first, toleratesGone: true));
        }

        return error;
    }

    /// <summary>Makes a macvlan and sets it up, all of it or, as far as the kernel lets us undo it, nothing.</summary>
    /// <returns>0, or the first error number, positive.</returns>
    public int AddMacvlan(in MacvlanDefinition definition)
    {
        // One datagram: the kernel takes all of it before it can be killed along with us, so no link stays without its
        // mark.
        NetlinkWriter writer = new(_request);
        uint first = _sequence + 1;
        MacvlanMessage.WriteAdd(ref writer, ++_sequence, definition);
        MacvlanMessage.WriteMark(ref writer, ++_sequence, definition);
        MacvlanMessage.WriteUp(ref writer, ++_sequence, definition.Name);
        return Execute(_request.AsSpan(0, writer.Length), first, toleratesGone: false);
    }

    /// <summary>Sets a link up that somebody has set down.</summary>
    /// <returns>0, or the error number, positive.</returns>
    public int SetUp(string name)
    {
        NetlinkWriter writer = new(_request);
        MacvlanMessage.WriteUp(ref writer, ++_sequence, name);
        return Execute(_request.AsSpan(0, writer.Length), _sequence, toleratesGone: false);
    }

    /// <summary>Removes a link; one that is gone already is no error. Takes tens of milliseconds.</summary>
    /// <returns>0, or the error number, positive.</returns>
    public int RemoveLink(int linkIndex)
    {
        NetlinkWriter writer = new(_request);
        MacvlanMessage.WriteRemove(ref writer, ++_sequence, linkIndex);
        return Execute(_request.AsSpan(0, writer.Length), _sequence, toleratesGone: true);
    }

    /// <summary>Sets how a link answers and asks by ARP.</summary>
    /// <returns>0, or the error number, positive; a link that is gone is no error.</returns>
    public int SetArp(int linkIndex, ArpSettings settings)
    {
        NetlinkWriter writer = new(_request);
        MacvlanMessage.WriteArp(ref writer, ++_sequence, linkIndex, settings);
        return Execute(_request.AsSpan(0, writer.Length), _sequence, toleratesGone: true);
    }

    /// <summary>Asks for one link, by its number or, if that is 0, by its name.</summary>
    /// <returns>0, or the error number, positive.</returns>
    public int QueryLink(int linkIndex, string name, NetlinkMessageHandler handle)
    {
        NetlinkWriter writer = new(_request);
        MacvlanMessage.WriteQuery(ref writer, ++_sequence, linkIndex, name);
        int sent = _socket.Send(_request.AsSpan(0, writer.Length));
        if (sent < 0)
            return -sent;
        while (true)
        {
            int received = _socket.Receive(_answer);
            if (received < 0)
                return -received;
            NetlinkReader reader = new(_answer.AsSpan(0, received));
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != _sequence)
                    continue;
                if (message.Type == NetlinkMessageType.Error)
                    return message.Error;
                handle(message);
                return 0;
            }
        }
    }

    /// <summary>The link of the default route with the lowest metric in the main table.</summary>
    /// <returns>0 when there is none.</returns>
    public int DefaultRouteLink(IpFamily family)
    {
        int link = 0;
        uint lowest = uint.MaxValue;
        Dump(NetlinkMessageType.GetRoute, Consider, family == IpFamily.V4 ? NetlinkFamily.V4 : NetlinkFamily.V6);
        return link;

        void Consider(in NetlinkMessage message)
        {
            if (!RouteMessage.TryRead(message.Payload, out RouteMessage route)
                || route.DestinationLength != 0
                || route.Table != RouteMessage.MainTable
                || route.OutputLink == 0
                || (link != 0 && route.Metric >= lowest))
                return;
            (link, lowest) = (route.OutputLink, route.Metric);
        }
    }

    /// <summary>Asks for all objects of one kind; again from the start if they changed meanwhile.</summary>
    /// <exception cref="LinuxException">The kernel refuses or does not answer.</exception>
    public void Dump(NetlinkMessageType type, NetlinkMessageHandler handle, byte family = NetlinkFamily.Unspecified)
    {
        const int mostAttempts = 5;
        for (int attempt = 1; !TryDump(type, handle, family) && attempt < mostAttempts; attempt++)
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    // An interrupted dump may lack objects or tell them twice; handlers take both, and the monitor tells the rest.
    private bool TryDump(NetlinkMessageType type, NetlinkMessageHandler handle, byte family)
    {
        NetlinkWriter writer = new(_request);
        writer.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Dump, ++_sequence);
        // The longest of the request headers (ifinfomsg) serves for all: the family comes first, the rest is zero.
        writer.WriteUInt32(family);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.EndMessage();
        LinuxException.Check(_socket.Send(_request.AsSpan(0, writer.Length)), "send", $"netlink {type}");
        bool complete = true;
        while (true)
        {
            int received = LinuxException.Check(_socket.Receive(_answer), "recv", $"netlink {type}");
            NetlinkReader reader = new(_answer.AsSpan(0, received));
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != _sequence)
                    continue;
                complete &= (message.Flags & NetlinkFlags.DumpInterrupted) == 0;
                if (message.Type == NetlinkMessageType.Done)
                    return complete;
                if (message.Type == NetlinkMessageType.Error)
                    throw new LinuxException("dump", message.Error, $"netlink {type}");
                handle(message);
            }
        }
    }

    // Sends requests numbered from first to _sequence and collects one answer for each.
    private int Execute(ReadOnlySpan<byte> request, uint first, bool toleratesGone)
    {
        int sent = _socket.Send(request);
        if (sent < 0)
            return -sent;
        int error = 0;
        for (uint awaited = _sequence - first + 1; awaited > 0;)
        {
            int received = _socket.Receive(_answer);
            if (received < 0)
                return FirstOf(error, -received);
            NetlinkReader reader = new(_answer.AsSpan(0, received));
            while (reader.TryRead(out NetlinkMessage message))
            {
                // Late answers to a request that was given up are passed over.
                if (message.Type != NetlinkMessageType.Error || message.Sequence - first > _sequence - first)
                    continue;
                awaited--;
                bool gone = message.Error is Errno.EADDRNOTAVAIL or Errno.ENODEV or Errno.ENXIO;
                if (!(toleratesGone && gone))
                    error = FirstOf(error, message.Error);
            }
        }

        return error;
    }

    private static int FirstOf(int first, int second) => first != 0 ? first : second;
}
