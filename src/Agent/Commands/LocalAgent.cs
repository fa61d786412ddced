using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VipOperator.Agent.Commands;

/// <summary>Asks the agent that runs here.</summary>
internal static class LocalAgent
{
    /// <summary>An agent ends within this time when its sidecar does, however that ended.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Whether an agent answers there and goes on doing so, as one does whose sidecar runs.</summary>
    public static async Task<bool> IsThereAsync(EndPoint address, TimeProvider time)
    {
        long start = time.GetTimestamp();
        while (await AnswersAsync(address).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(start) >= EndPatience)
                return true;
            await Task.Delay(AskAgainAfter, time).ConfigureAwait(false);
        }

        return false;
    }

    /// <returns>The status and the body.</returns>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    /// <exception cref="InvalidDataException">What answers there is no agent.</exception>
    public static async Task<(int Status, byte[] Body)> AskAsync(
        EndPoint address, string method, string target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: agent\r\n\r\n"),
            limit.Token).ConfigureAwait(false);
        using MemoryStream answer = new();
        byte[] buffer = new byte[16 * 1024];
        for (int received; (received = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false)) > 0;)
            answer.Write(buffer, 0, received);

        byte[] bytes = answer.ToArray();
        int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0 || !bytes.AsSpan().StartsWith("HTTP/1.1 "u8) || !int.TryParse(bytes.AsSpan(9, 3), out int status))
            throw new InvalidDataException("The answer is not that of an agent.");
        return (status, bytes[(end + 4)..]);
    }

    private static async Task<bool> AnswersAsync(EndPoint address)
    {
        try
        {
            await AskAsync(address, "GET", "/healthz", AnswerTimeout, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (Explain(e, address) is not null)
        {
            return false;
        }
    }

    /// <summary>Why <see cref="AskAsync"/> failed and what to do; null when that is not for a person to hear.</summary>
    public static string? Explain(Exception exception, EndPoint address) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"{address}: access denied; run this as the user that the sidecar runs as.",
        SocketException when address is IPEndPoint =>
            $"No agent answers at {address}; is vip-sidecar running there, with this --metrics-address?",
        SocketException => $"No agent answers at {address}; is vip-sidecar running, and with this --state-directory?",
        OperationCanceledException => $"The agent at {address} does not answer in time.",
        InvalidDataException => $"{address}: {exception.Message}",
        _ => null,
    };
}
