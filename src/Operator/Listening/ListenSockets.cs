using System.Net;
using System.Net.Sockets;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Listening;

/// <summary>
/// The sockets that Kestrel serves, bound before anything runs: what cannot be listened on is then told as other wrong
/// settings are, and not by an exception out of the host's start.
/// </summary>
internal sealed class ListenSockets : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <exception cref="IOException">
    /// An address is taken, not this node's or not allowed; the message names the option.
    /// </exception>
    public ListenSockets(OperatorSettings settings, ILogger<ListenSockets> logger)
    {
        try
        {
            Metrics = Bind("--listen", settings.Listen, logger);
            if (settings.InjectionFile is not null)
                Injection = Bind("--injection-listen", settings.InjectionListen, logger);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where /metrics, /healthz and /readyz are served, with the port that port 0 became.</summary>
    public IPEndPoint Metrics { get; }

    /// <summary>The webhook's; null where there is none.</summary>
    public IPEndPoint? Injection { get; }

    /// <summary>For Kestrel, which listens on it and closes it in the end.</summary>
    public Socket Take(EndPoint bound) => _sockets.Single(s => bound.Equals(s.LocalEndPoint));

    public void Dispose()
    {
        foreach (Socket socket in _sockets)
            socket.Dispose();
    }

    private IPEndPoint Bind(string option, IPEndPoint wanted, ILogger logger)
    {
        IPEndPoint address = wanted;
        if (wanted.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6)
        {
            // All addresses are meant; without IPv6 (ipv6.disable=1 on the kernel's command line) these are all.
            address = new IPEndPoint(IPAddress.Any, wanted.Port);
            Log.NoIPv6(logger, wanted, address);
        }

        try
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            // As Kestrel does it: the IPv6 wildcard takes IPv4 too.
            if (address.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(address);
            return (IPEndPoint)socket.LocalEndPoint!;
        }
        catch (SocketException e)
        {
            throw new IOException($"{option}: {address} cannot be listened on: {e.Message}", e);
        }
    }
}
