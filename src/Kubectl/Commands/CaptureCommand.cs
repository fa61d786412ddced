using System.CommandLine;

namespace VipOperator.Kubectl.Commands;

internal sealed class CaptureCommand : ClusterCommand
{
    public CaptureCommand() : base("capture", "x") { }

    protected override Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken) => Task.FromResult(0);
}
