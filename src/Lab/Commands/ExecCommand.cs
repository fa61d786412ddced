using System.CommandLine;
using System.Diagnostics;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>Runs a program on one of the lab's machines, and pulls or plugs its cable.</summary>
internal static class ExecCommand
{
    public static Command Create()
    {
        Option<string> name = CommonOptions.Name();
        Argument<string> host = HostArgument("Where: node1, node2, client or switch.");
        Argument<string[]> program = new("command")
        { Description = "What: a program and its arguments, after --.", Arity = ArgumentArity.OneOrMore };
        Command command = new("exec",
            "Run a program on a node, the client or the switch: vip-lab exec node1 -- ip addr") { name, host, program };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            LabState state = StateOf(new LabFolder(parsed.GetRequiredValue(name)));
            string where = parsed.GetRequiredValue(host);
            ProcessStartInfo start = new(
                "ip", ["netns", "exec", NamespaceOf(state, where), .. parsed.GetRequiredValue(program)]);
            start.Environment["PATH"] = $"{state.Programs}:{Tool.SearchPath}";
            // 'vip-sidecar status' on a node is to ask that node's sidecar.
            if (state.Nodes.FirstOrDefault(n => n.Name == where) is { } node)
                start.Environment[LabNode.StateDirectoryVariable] = node.StateFolder;
            // Signals are the program's; we end when it does.
            using Process process = Tool.StartOrExplain(start, "ip");
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        });
        return command;
    }

    public static Command CreatePlug(bool plug)
    {
        Option<string> name = CommonOptions.Name();
        Argument<string> host = HostArgument("Whose: node1, node2 or client.");
        Command command = plug
            ? new Command("plug", "Put the cable of a node back into the switch.")
            : new Command("unplug", "Pull the cable of a node out of the switch.");
        command.Add(name);
        command.Add(host);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            string port = parsed.GetRequiredValue(host);
            string ns = NamespaceOf(StateOf(new LabFolder(parsed.GetRequiredValue(name))), NetworkSegment.SwitchName);
            await Tool.RunAsync("ip", ["-n", ns, "link", "set", port, plug ? "up" : "down"], cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Argument<string> HostArgument(string description) => new("host") { Description = description };

    private static LabState StateOf(LabFolder folder) =>
        LabState.Read(folder) ?? throw new ToolException($"There is no lab '{folder.Lab}'; 'vip-lab up' starts one.");

    private static string NamespaceOf(LabState state, string host) => host switch
    {
        NetworkSegment.SwitchName => state.Switch,
        _ when host == NetworkHost.Client.Name => state.Client,
        _ => state.Nodes.FirstOrDefault(n => n.Name == host)?.Namespace
            ?? throw new ToolException(
                $"'{host}' is no machine of the lab; there are {string.Join(", ", state.Nodes.Select(n => n.Name))}, "
                + $"client and switch."),
    };
}
