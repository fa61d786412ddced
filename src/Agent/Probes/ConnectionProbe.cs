using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace VipOperator.Agent.Probes;

/// <summary>
/// A probe that connects to a port of this node. While the service passes it is asked where it answered before, so
/// that its death is not hidden by another program that listens on the same port of another address; otherwise the
/// addresses are tried in their order.
/// </summary>
internal abstract class ConnectionProbe(ProbeTargets targets, int port) : IProbe
{
    /// <summary>
    /// What a service may send to a connection that says nothing; more is no banner but a stream, and not held.
    /// </summary>
    private const int MostBytesHeld = 64 * 1024;

    /// <summary>
    /// A service that so many times in a row ends a connection soon after the greeting keeps none alive: the next is
    /// held without one. Not sooner, because one that is reloaded does so a few times, and closes silent ones only much
    /// later.
    /// </summary>
    private const int MostShortHolds = 5;

    private static readonly TimeSpan ShortHold = TimeSpan.FromSeconds(1);

    private IPAddress? _answering;
    private int _shortHolds;

    public abstract string Description { get; }

    protected int Port => port;

    public async Task<ProbeOutcome> RunAsync(bool passing, CancellationToken cancellationToken)
    {
        if (passing && _answering is { } known)
            return await ProbeAsync(known, cancellationToken).ConfigureAwait(false);
        ProbeOutcome last = default;
        string refusals = "";
        foreach (IPAddress address in targets.Addresses)
        {
            ProbeOutcome outcome = await ProbeAsync(address, cancellationToken).ConfigureAwait(false);
            if (outcome.Kind == ProbeOutcomeKind.Success)
                _answering = address;
            if (outcome.Kind != ProbeOutcomeKind.Gone)
                return outcome;
            last = outcome;
            refusals = refusals.Length == 0 ? outcome.Message : refusals;
        }

        return last with { Message = refusals };
    }

    public Task? HoldAsync(CancellationToken cancellationToken) =>
        _answering is { } address ? HoldAsync(new IPEndPoint(address, port), cancellationToken) : null;

    public virtual void Dispose()
    {
    }

    /// <summary>
    /// What is said on a connection that is to be held, so that the service counts it among its idle ones: those it
    /// closes as soon as it begins to shut down. Empty where there is nothing to say.
    /// </summary>
    protected virtual ReadOnlyMemory<byte> GreetingFor(IPEndPoint target) => default;

    /// <summary>Makes what is talked over of a connection that stands; the socket is closed by the caller.</summary>
    protected virtual ValueTask<Stream> OpenAsync(Socket socket, CancellationToken cancellationToken) =>
        new(new NetworkStream(socket, ownsSocket: false));

    /// <summary>Talks over a connection that stands. Socket errors may escape; they become outcomes.</summary>
    protected abstract ValueTask<ProbeOutcome> ExchangeAsync(
        Socket socket, IPEndPoint target, CancellationToken cancellationToken);

    private async Task<ProbeOutcome> ProbeAsync(IPAddress address, CancellationToken cancellationToken)
    {
        IPEndPoint target = new(address, port);
        bool connected = false;
        try
        {
            using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            connected = true;
            return await ExchangeAsync(socket, target, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            return Outcome(e.SocketErrorCode, target, connected);
        }
        catch (IOException e)
        {
            return Outcome((e.InnerException as SocketException)?.SocketErrorCode
                ?? SocketError.ConnectionReset, target, connected);
        }
        catch (AuthenticationException)
        {
            return new ProbeOutcome(ProbeOutcomeKind.Failure, $"{target} does not speak TLS");
        }
    }

    private static ProbeOutcome Outcome(SocketError error, IPEndPoint target, bool connected) => error switch
    {
        SocketError.ConnectionRefused =>
            new(ProbeOutcomeKind.Gone, $"{target} refuses connections: nothing listens there"),
        // Nothing can listen on an address that this node does not have, such as ::1 where IPv6 is off.
        SocketError.AddressNotAvailable or SocketError.NetworkUnreachable
            or SocketError.AddressFamilyNotSupported when !connected =>
            new(ProbeOutcomeKind.Gone, $"{target.Address} is no address of this node"),
        SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted =>
            new(ProbeOutcomeKind.Broken, $"{target} closed the connection before it answered"),
        _ => new(ProbeOutcomeKind.Failure, $"{target}: {error}"),
    };

    private async Task HoldAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        bool greeted = false;
        try
        {
            using Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            Stream stream = await OpenAsync(socket, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                if (_shortHolds < MostShortHolds && GreetingFor(target) is { IsEmpty: false } greeting)
                {
                    await stream.WriteAsync(greeting, cancellationToken).ConfigureAwait(false);
                    greeted = true;
                }

                byte[] discarded = new byte[256];
                for (int received = 0; received < MostBytesHeld;)
                {
                    int count = await stream.ReadAsync(discarded, cancellationToken).ConfigureAwait(false);
                    if (count == 0)
                        break;
                    received += count;
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // Reset or refused: ended as well.
        }

        _shortHolds = !greeted ? MostShortHolds - 1
            : Stopwatch.GetElapsedTime(begun) >= ShortHold ? 0
            : _shortHolds + 1;
    }
}
