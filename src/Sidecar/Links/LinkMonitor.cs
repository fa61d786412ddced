using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Netlink;

namespace VipOperator.Sidecar.Links;

/// <summary>Keeps the <see cref="LinkTable"/> up to date and says when it changed.</summary>
internal sealed class LinkMonitor : IEventSource, IDisposable
{
    private const uint Groups =
        NetlinkGroups.Link | NetlinkGroups.AddressV4 | NetlinkGroups.AddressV6 | NetlinkGroups.SettingsV6;
    private const int BufferBytes = 4 * 1024 * 1024;

    private readonly NetlinkSocket _socket = NetlinkSocket.OpenMonitor(Groups, BufferBytes);
    private readonly NetlinkRequests _requests;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public LinkMonitor(NetlinkRequests requests)
    {
        _requests = requests;
        // The socket hears already: what changes during the dump is told again afterwards.
        Reload();
    }

    public LinkTable Table { get; } = new();

    /// <summary>
    /// Is not told any more of what that socket asks for, which must change nothing that the table shows.
    /// </summary>
    public void Ignore(uint portId) => _socket.Ignore(portId);

    public Descriptor Descriptor => _socket.Descriptor;

    /// <summary>Raised once all that was waiting is in the table, if the table is different for it.</summary>
    public event Action? Changed;

    /// <summary>How often the kernel had to drop messages because we read too slowly.</summary>
    public ulong Overflows { get; private set; }

    public void OnReady(Readiness readiness)
    {
        if (CatchUp())
            Changed?.Invoke();
    }

    /// <summary>
    /// Takes what the kernel has told so far, our own changes among it, without raising <see cref="Changed"/>.
    /// </summary>
    /// <returns>Whether the table is different for it.</returns>
    public bool CatchUp()
    {
        bool changed = false;
        bool isMissing = false;
        while (true)
        {
            int received = _socket.Receive(_buffer);
            if (received == -Errno.EAGAIN)
            {
                if (!isMissing)
                    break;
                // Not before: what still waited is older than what is lost, and than what is read now.
                Reload();
                isMissing = false;
                changed = true;
                continue;
            }

            if (received == -Errno.ENOBUFS)
            {
                Overflows++;
                isMissing = true;
                continue;
            }

            LinuxException.Check(received, "recv", "netlink");
            NetlinkReader reader = new(_buffer.AsSpan(0, received));
            while (reader.TryRead(out NetlinkMessage message))
                changed |= Table.Apply(message);
        }

        return changed;
    }

    /// <summary>Takes the addresses that the kernel has, told or not, without raising <see cref="Changed"/>.</summary>
    public void ListAddresses(byte family) => _requests.Dump(NetlinkMessageType.GetAddress, Apply, family);

    public void Dispose() => _socket.Dispose();

    private void Reload()
    {
        Table.BeginReload();
        _requests.Dump(NetlinkMessageType.GetLink, Apply);
        _requests.Dump(NetlinkMessageType.GetAddress, Apply);
        Table.EndReload();
    }

    private void Apply(in NetlinkMessage message) => Table.Apply(message);
}
