using System.CommandLine;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>Shows what is in a lab and how to get at it.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Option<string> name = CommonOptions.Name();
        Command command = new("status",
            "Show the nodes, pods, processes and addresses of a lab, and how to reach its API server.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            await PrintAsync(new LabFolder(parsed.GetRequiredValue(name)), cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <exception cref="ToolException">There is no such lab.</exception>
    public static async Task PrintAsync(LabFolder folder, CancellationToken cancellation)
    {
        LabState state = LabState.Read(folder) ?? throw new ToolException(NoSuchLab(folder));
        using LabLock? free = await LabLock.TryTakeAsync(folder.Lab, TimeSpan.Zero, cancellation);
        if (free is not null)
            throw new ToolException(
                $"Lab '{folder.Lab}' has crashed; 'vip-lab down --name {folder.Lab}' removes what is left of it.");
        if (state.Phase != LabPhase.Ready)
        {
            Console.WriteLine(
                $"Lab '{folder.Lab}' is {(state.Phase == LabPhase.Starting ? "starting" : "measuring")}: "
                + $"{state.Message} …");
            return;
        }

        string option = folder.Lab == "lab" ? "" : $" --name {folder.Lab}";
        Console.WriteLine($"Lab '{folder.Lab}' is up, kept by process {state.Keeper}; logs are in {folder.LogFolder}.");
        Console.WriteLine($"  {"API server",-12} {state.ApiServer}");
        Console.WriteLine($"  {"operator",-12} {Process(state.OperatorProcess)}");
        foreach (NodeState node in state.Nodes)
        {
            string containers = string.Join(
                ", ", node.Containers.Select(c => $"{c.Name} {Process(c.Process)}{Restarts(c)}"));
            Console.WriteLine($"  {node.Name,-12} {await AddressesAsync(node.Namespace, cancellation)}");
            Console.WriteLine($"  {"",-12} pod {node.Pod}: {containers}");
        }

        Console.WriteLine($"  {"client",-12} {await AddressesAsync(state.Client, cancellation)}");
        Console.WriteLine(
            $"""

            export KUBECONFIG={state.Kubeconfig}
            kubectl apply -f {folder.At("examples", "tutorial.yaml")}
            vip-lab exec{option} client -- curl -s 192.168.1.108
            vip-lab exec{option} node1 -- vip-sidecar status
            vip-lab unplug{option} node1        (and: plug)
            vip-lab down{option}
            """);
    }

    private static string NoSuchLab(LabFolder folder)
    {
        string others = string.Join(", ", LabFolder.FindLabs());
        return $"There is no lab '{folder.Lab}'; 'vip-lab up' starts one."
            + (others.Length > 0 ? $" There is: {others}." : "");
    }

    private static string Process(int? id) => id is null ? "(not running)" : $"(process {id})";

    private static string Restarts(ContainerState container) => container.Restarts switch
    {
        0 => "",
        1 => ", restarted once",
        int times => $", restarted {times} times",
    };

    private static async Task<string> AddressesAsync(string ns, CancellationToken cancellation)
    {
        // "eth0  UP  192.168.1.103/24 192.168.1.108/32 …"
        ToolResult result = await Tool.TryRunAsync(
            "ip", ["-n", ns, "-brief", "address", "show", "dev", NetworkHost.Link], cancellation);
        return string.Join("  ", result.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1));
    }
}
