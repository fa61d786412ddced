using System.CommandLine;
using VipOperator.Api;
using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Commands;

/// <summary>A command that speaks with the cluster, and so takes kubectl's global flags.</summary>
internal abstract class ClusterCommand : Command
{
    private readonly Func<ParseResult, IReadOnlyList<string>> _flags;

    private readonly Option<string?> _namespace = new("--namespace", "-n")
    {
        Description = "The namespace; by default the one of kubectl's context.",
        HelpName = "NAMESPACE",
    };

    protected ClusterCommand(string name, string description)
        : base(name,
            description + " kubectl's own flags, such as --context, --kubeconfig and --as, are handed on to it.")
    {
        Add(_namespace);
        _flags = GlobalFlags.AddTo(this);
        SetAction(RunAsync);
    }

    protected Option<bool> AllNamespaces { get; } =
        new("--all-namespaces", "-A") { Description = "Look at all namespaces." };

    protected abstract Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken);

    protected KubectlRunner Kubectl(ParseResult result) => new(_flags(result));

    protected string? Namespace(ParseResult result) => result.GetValue(_namespace);

    protected Scope ScopeOf(ParseResult result, string? name) =>
        new(Namespace(result), result.GetValue(AllNamespaces), name);

    /// <summary>Refuses what names one object and all namespaces at once, as kubectl does.</summary>
    protected void RefuseNameInAllNamespaces(Argument<string?> name) => Validators.Add(result =>
    {
        if (result.GetValue(name) is not null && result.GetValue(AllNamespaces))
            result.AddError("A NAME is of one namespace: give -n NAMESPACE, or leave NAME or --all-namespaces away.");
        if (result.GetValue(_namespace) is not null && result.GetValue(AllNamespaces))
            result.AddError("Give either --namespace or --all-namespaces.");
    });

    protected static Option<GatewayDuration> Duration(string name, string description, GatewayDuration byDefault,
        GatewayDuration most) => new(name)
        {
            Description = description,
            HelpName = "DURATION",
            DefaultValueFactory = _ => byDefault,
            CustomParser = result =>
            {
                if (GatewayDuration.TryParse(result.Tokens[^1].Value, out GatewayDuration duration)
                    && duration > GatewayDuration.Zero && duration <= most)
                    return duration;
                result.AddError($"{name}: '{result.Tokens[^1].Value}' is no duration up to {most}, such as 30s or 1m30s.");
                return default;
            },
        };
}
