using System.CommandLine;
using VipOperator.Api;
using VipOperator.Kubectl.Cluster;
using VipOperator.Kubectl.Showing;
using VipOperator.Kubectl.Waiting;

namespace VipOperator.Kubectl.Commands;

/// <summary><c>move</c>: asks for the addresses to be on a node, by an annotation that the operator heeds.</summary>
internal sealed class MoveCommand : ClusterCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "The VirtualIP." };

    private readonly Argument<string?> _node =
        new("NODE") { Description = "Where it is to be.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<bool> _clear =
        new("--clear") { Description = "Ask for no node any more; the operator chooses. Alone this moves nothing." };

    private readonly Option<bool> _wait =
        new("--wait") { Description = "Wait until the addresses are there, and tell what stands in the way." };

    private readonly Option<GatewayDuration> _timeout =
        Duration("--timeout", "How long to wait; default 1m.", GatewayDuration.FromSeconds(60),
            GatewayDuration.FromSeconds(86400));

    public MoveCommand()
        : base("move", "Asks for the addresses of a VirtualIP to be on a node (annotation "
            + WellKnown.ActiveNodeAnnotation + "). They stay there "
            + "for as long as the node can serve them, until --clear.")
    {
        Add(_name);
        Add(_node);
        Add(_clear);
        Add(_wait);
        Add(_timeout);
        Validators.Add(result =>
        {
            bool clears = result.GetValue(_clear);
            if (clears == result.GetValue(_node) is not null)
                result.AddError("Give either the NODE that is to have the addresses, or --clear.");
            if (clears && result.GetValue(_wait))
                result.AddError("--clear moves nothing that could be waited for; leave --wait away.");
        });
    }

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string name = result.GetValue(_name)!;
        KubectlRunner kubectl = Kubectl(result);
        Scope scope = ScopeOf(result, name);
        TextWriter output = result.InvocationConfiguration.Output;
        TextWriter errors = result.InvocationConfiguration.Error;
        if (result.GetValue(_clear))
        {
            await AnnotateAsync($"{WellKnown.ActiveNodeAnnotation}-");
            await output.WriteLineAsync(
                $"{name}: no node is asked for any more; its addresses stay where they are until the "
                + $"operator has a reason.");
            return ExitCodes.Success;
        }

        string node = result.GetValue(_node)!;
        ClusterReader reader = new(kubectl, scope);
        ClusterSnapshot before = await reader.ReadAsync(cancellationToken);
        VirtualIPMember[] members = [.. before.MembersOf(before.VirtualIPs[0])];
        if (!members.Any(m => m.Spec.NodeName == node))
        {
            await errors.WriteLineAsync(members.Length == 0
                ? $"{name} has no member on any node; 'kubectl vip status {name}' says why."
                : $"{name} has no member on {node}; it has one on "
                    + $"{string.Join(", ", members.Select(m => m.Spec.NodeName))}.");
            return ExitCodes.Usage;
        }

        string from = string.Join(" and ", members.Where(before.IsActive).Select(m => m.Spec.NodeName));
        await AnnotateAsync($"{WellKnown.ActiveNodeAnnotation}={node}");
        await output.WriteLineAsync(from == node
            ? $"{name}: {node} has the addresses already, and is to keep them."
            : $"{name}: {node} is to take the addresses{(from.Length == 0 ? "" : $" from {from}")}.");
        return !result.GetValue(_wait)
            || await new Patience(reader, result.GetValue(_timeout), output, errors)
            .UntilAsync(s => Judge(s, node), cancellationToken)
                ? ExitCodes.Success
                : ExitCodes.Failure;

        Task<string> AnnotateAsync(string annotation) => kubectl.RunAsync(
            ["annotate", $"{VirtualIP.Plural}.{GroupVersion.Group}", name, annotation, "--overwrite", .. scope.Where],
            cancellationToken);
    }

    private static Verdict Judge(ClusterSnapshot snapshot, string node)
    {
        if (snapshot.VirtualIPs.Count == 0)
            return new Verdict(IsDone: false, ["It was deleted."]);
        VirtualIP virtualIP = snapshot.VirtualIPs[0];
        VirtualIPMember[] active = [.. snapshot.MembersOf(virtualIP).Where(snapshot.IsActive)];
        if (active is [{ } one] && one.Spec.NodeName == node)
            return new Verdict(IsDone: true,
                [$"{virtualIP.Metadata.Name}: {node} has the addresses: {ReasonWords.Of(one.Status!.Reason)}."]);
        Condition? placed = virtualIP.Status?.Conditions?.FirstOrDefault(c => c.Type == ConditionTypes.Placed);
        return new Verdict(
            IsDone: false, placed is { Status: not "True" } ? [$"{virtualIP.Metadata.Name}: {placed.Message}"] : []);
    }
}
