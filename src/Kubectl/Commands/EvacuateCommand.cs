using System.CommandLine;
using VipOperator.Api;
using VipOperator.Kubectl.Cluster;
using VipOperator.Kubectl.Waiting;

namespace VipOperator.Kubectl.Commands;

/// <summary><c>evacuate</c>: has a node hand its addresses over, and keeps it free of them.</summary>
internal sealed class EvacuateCommand : ClusterCommand
{
    private readonly Argument<string> _node = new("NODE") { Description = "The node that is to have no address." };

    private readonly Option<bool> _undo =
        new("--undo") { Description = "The node may have addresses again. None moves back by that alone." };

    private readonly Option<bool> _wait = new("--wait")
    { Description = "Wait until no address is there, and tell how it goes and what stands in the way." };

    private readonly Option<GatewayDuration> _timeout =
        Duration("--timeout", "How long to wait; default 1m.", GatewayDuration.FromSeconds(60),
            GatewayDuration.FromSeconds(86400));

    public EvacuateCommand()
        : base("evacuate",
            "Has the members on a node hand their addresses over, and take none while another can (annotation "
            + WellKnown.EvacuateAnnotation + " of the node). Looks at all namespaces unless one is given.")
    {
        Add(_node);
        Add(_undo);
        Add(_wait);
        Add(_timeout);
        Validators.Add(result =>
        {
            if (result.GetValue(_undo) && result.GetValue(_wait))
                result.AddError("--undo moves nothing that could be waited for; leave --wait away.");
        });
    }

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string node = result.GetValue(_node)!;
        KubectlRunner kubectl = Kubectl(result);
        Scope scope = new(Namespace(result), AllNamespaces: Namespace(result) is null, Name: null);
        ClusterReader reader = new(kubectl, scope);
        TextWriter output = result.InvocationConfiguration.Output;
        TextWriter errors = result.InvocationConfiguration.Error;
        bool undoes = result.GetValue(_undo);
        string annotation = undoes ? $"{WellKnown.EvacuateAnnotation}-" : $"{WellKnown.EvacuateAnnotation}=true";
        try
        {
            await kubectl.RunAsync(["annotate", "node", node, annotation, "--overwrite"], cancellationToken);
        }
        catch (KubectlException e) when (e.IsNotFound)
        {
            string nodes = await kubectl.RunAsync(
                ["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"], cancellationToken);
            await errors.WriteLineAsync(
                $"There is no node {node}; there are {nodes.Replace(" ", ", ", StringComparison.Ordinal)}.");
            return ExitCodes.Usage;
        }

        if (undoes)
        {
            await output.WriteLineAsync($"{node} may have addresses again; none moves back by that alone.");
            return ExitCodes.Success;
        }

        await output.WriteLineAsync($"{node} is to hand its addresses over, and to take none while another node can.");
        if (!result.GetValue(_wait))
            return ExitCodes.Success;
        HashSet<string> moved = [];
        bool done = await new Patience(reader, result.GetValue(_timeout), output, errors)
            .UntilAsync(snapshot => Judge(snapshot, node, moved), cancellationToken);
        if (!done)
            return ExitCodes.Failure;
        await output.WriteLineAsync($"No address is on {node}.");
        return ExitCodes.Success;
    }

    /// <param name="left">The VirtualIPs that were seen there; grows.</param>
    private static Verdict Judge(ClusterSnapshot snapshot, string node, HashSet<string> left)
    {
        List<string> lines = [];
        bool isFree = true;
        foreach (VirtualIP virtualIP in snapshot.VirtualIPs)
        {
            string name = $"{virtualIP.Metadata.Namespace}/{virtualIP.Metadata.Name}";
            VirtualIPMember[] members = [.. snapshot.MembersOf(virtualIP)];
            VirtualIPMember[] active = [.. members.Where(snapshot.IsActive)];
            if (active.Any(m => m.Spec.NodeName == node))
            {
                isFree = false;
                left.Add(name);
                lines.Add($"{name}: {Obstacle(virtualIP, node)}");
            }
            else if (active.Length == 0 && members.Any(m => m.Spec.NodeName == node && snapshot.WasActive(m)))
            {
                // Where another is Active, a sidecar that can still hear it has let go.
                isFree = false;
                lines.Add($"{name}: {node} had it when it was last heard of, and nobody else says that it "
                    + $"has it; look there");
            }
            else if (left.Contains(name))
            {
                lines.Add(active.Length == 0
                    ? $"{name}: {node} has let go of it, and nobody has taken it yet"
                    : $"{name}: on {string.Join(" and ", active.Select(m => m.Spec.NodeName))} now");
                isFree &= active.Length > 0;
            }
        }

        return new Verdict(isFree, lines);
    }

    private static string Obstacle(VirtualIP virtualIP, string node) =>
        virtualIP.Status?.Conditions?.FirstOrDefault(c =>
            c.Type == ConditionTypes.Placed) is { Status: not "True" } placed
            ? placed.Message
            : $"on {node}";
}
