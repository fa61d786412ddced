using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using VipOperator.Lab.Cluster;

namespace VipOperator.Lab.Commands;

/// <summary>The way of a node's pods to the API server; started by the lab in the node's namespace.</summary>
internal static class RelayCommand
{
    public static Command Create()
    {
        Argument<string> listen = new("listen") { Description = "ADDRESS:PORT to listen on." };
        Argument<string> socket = new("socket") { Description = "The Unix socket to hand connections on to." };
        Command command = new("relay", "Hand TCP connections on to a Unix socket.") { Hidden = true };
        command.Add(listen);
        command.Add(socket);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using SocketRelay relay = new(
                IPEndPoint.Parse(parsed.GetRequiredValue(listen)),
                new UnixDomainSocketEndPoint(parsed.GetRequiredValue(socket)));
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Success;
        });
        return command;
    }
}
