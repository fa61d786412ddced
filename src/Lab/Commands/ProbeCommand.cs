using System.CommandLine;
using System.Globalization;
using System.Net;
using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Commands;

/// <summary>The client of a measurement; started by the lab in the client's namespace.</summary>
internal static class ProbeCommand
{
    private const int HttpPort = 80;

    public static Command Create()
    {
        Argument<string> address = new("address") { Description = "The address to ask, on port 80." };
        Option<double> interval = new("--interval")
        { Description = "Milliseconds between two requests.", DefaultValueFactory = _ => 5 };
        Option<double> timeout = new("--timeout")
        { Description = "Milliseconds that an answer may take.", DefaultValueFactory = _ => 300 };
        Option<bool> echo = new("--echo") { Description = "Send a datagram to the echo port with each request." };
        Command command = new("probe", "Ask an address again and again; print each request as a line of JSON.")
        {
            Hidden = true,
        };
        command.Add(address);
        command.Add(interval);
        command.Add(timeout);
        command.Add(echo);
        command.SetAction((parsed, cancellation) =>
        {
            ProbeLoop loop = new(
                new IPEndPoint(IPAddress.Parse(parsed.GetRequiredValue(address)), HttpPort),
                TimeSpan.FromMilliseconds(parsed.GetValue(interval)),
                TimeSpan.FromMilliseconds(parsed.GetValue(timeout)),
                parsed.GetValue(echo),
                Console.Out);
            _ = FollowIntervalAsync(loop);
            loop.Run(cancellation);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    /// <summary>Each line of the standard input is a new interval in milliseconds; its end ends the program.</summary>
    private static async Task FollowIntervalAsync(ProbeLoop loop)
    {
        using StreamReader input = new(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
        {
            if (double.TryParse(line, CultureInfo.InvariantCulture, out double milliseconds) && milliseconds > 0)
                loop.SetInterval(TimeSpan.FromMilliseconds(milliseconds));
        }

        Environment.Exit(ExitCodes.Success);
    }
}
