using System.CommandLine;
using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Commands;

/// <summary>The other end of a client's datagrams; started in a node's namespace.</summary>
internal static class EchoCommand
{
    public static Command Create()
    {
        Command command = new("echo", $"Send back every datagram that comes to port {EchoServer.Port}, until killed.")
        { Hidden = true };
        command.SetAction(_ => EchoServer.Run());
        return command;
    }
}
