using System.CommandLine;
using VipOperator.Kubectl.Cluster;
using VipOperator.Kubectl.Showing;

namespace VipOperator.Kubectl.Commands;

/// <summary><c>status</c>: who is Active where, why, since when, and what is not as it should be.</summary>
internal sealed class StatusCommand : ClusterCommand
{
    /// <summary>How often the ages on a terminal are brought up to date.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Argument<string?> _name = new("NAME")
    { Description = "The VirtualIP; by default all.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<bool> _watch = new("--watch", "-w")
    {
        Description = "Go on: redraw on a terminal; elsewhere print a line for each change.",
    };

    public StatusCommand()
        : base("status",
            "Shows which node has the addresses, since when and why, how the members rank and why, and what is not "
            + "as it should be.")
    {
        Add(_name);
        Add(AllNamespaces);
        Add(_watch);
        RefuseNameInAllNamespaces(_name);
    }

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        Scope scope = ScopeOf(result, result.GetValue(_name));
        ClusterReader reader = new(Kubectl(result), scope);
        TextWriter output = result.InvocationConfiguration.Output;
        TextWriter errors = result.InvocationConfiguration.Error;
        if (result.GetValue(_watch))
        {
            await (Console.IsOutputRedirected
                ? AppendAsync(reader, scope, output, errors, cancellationToken)
                : RedrawAsync(reader, scope, output, cancellationToken));
            return ExitCodes.Success;
        }

        ClusterSnapshot snapshot = await reader.ReadAsync(cancellationToken);
        if (snapshot.VirtualIPs.Count == 0)
            await errors.WriteLineAsync(Nothing(scope));
        else
            await output.WriteAsync(StatusPage.Render(snapshot, scope.AllNamespaces, DateTimeOffset.UtcNow));
        return ExitCodes.Success;
    }

    private static async Task AppendAsync(
        ClusterReader reader, Scope scope, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        ClusterSnapshot? before = null;
        await foreach (ClusterSnapshot snapshot in reader.WatchAsync(errors.WriteLine, cancellationToken))
        {
            if (before is not null)
            {
                foreach (string line in Changes.Between(before, snapshot, scope.AllNamespaces))
                    await output.WriteLineAsync($"{DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}  {line}");
            }
            else
            {
                await output.WriteAsync(snapshot.VirtualIPs.Count == 0
                    ? Nothing(scope) + "\n"
                    : StatusPage.Render(snapshot, scope.AllNamespaces, DateTimeOffset.UtcNow));
            }

            await output.FlushAsync(cancellationToken);
            before = snapshot;
        }
    }

    private static async Task RedrawAsync(
        ClusterReader reader, Scope scope, TextWriter output, CancellationToken cancellationToken)
    {
        string trouble = "";
        await using IAsyncEnumerator<ClusterSnapshot> snapshots =
            reader.WatchAsync(words =>
                trouble = $"\nNot heard of since {DateTimeOffset.UtcNow:HH:mm:ss'Z'}: {words}\n", cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
        Task<bool> next = snapshots.MoveNextAsync().AsTask();
        while (await next)
        {
            ClusterSnapshot snapshot = snapshots.Current;
            trouble = "";
            next = snapshots.MoveNextAsync().AsTask();
            do
            {
                string page = snapshot.VirtualIPs.Count == 0
                    ? Nothing(scope) + "\n"
                    : StatusPage.Render(snapshot, scope.AllNamespaces, DateTimeOffset.UtcNow);
                await output.WriteAsync(Terminal.Redraw(page + trouble, Console.WindowWidth, Console.WindowHeight));
                await output.FlushAsync(cancellationToken);
            }
            while (await Task.WhenAny(next, Task.Delay(Tick, cancellationToken)) != next);
        }
    }

    private static string Nothing(Scope scope) => scope switch
    {
        { AllNamespaces: true } => "There is no VirtualIP in any namespace.",
        { Namespace: { } name } => $"There is no VirtualIP in the namespace {name}; -A looks at all.",
        _ => "There is no VirtualIP in this namespace; -A looks at all.",
    };
}
