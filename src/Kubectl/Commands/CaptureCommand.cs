using System.CommandLine;
using System.Text.Json;
using VipOperator.Api;
using VipOperator.Kubectl.Capturing;
using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Commands;

/// <summary>
/// <c>capture</c>: what the sidecars send and hear, decoded by them. kubectl executes <c>vip-sidecar capture</c> in
/// each pod; nothing is installed and no bytes of packets leave the privileged half.
/// </summary>
internal sealed class CaptureCommand : ClusterCommand
{
    private readonly Argument<string?> _name = new("NAME")
    {
        Description =
            "The VirtualIP, whose members' sidecars are asked and whose virtual router id alone is shown; "
            + "by default all.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _everyId =
        new("--every-id") { Description = "With a NAME: show other virtual router ids as well." };

    private readonly Option<GatewayDuration> _duration =
        Duration("--duration", "How long; default 10s, at most 1h.", GatewayDuration.FromSeconds(10),
            GatewayDuration.FromSeconds(3600));

    public CaptureCommand()
        : base("capture", "Shows the advertisements that the sidecars send and hear, decoded, then who did not hear "
            + "whom. Needs the right to create pods/exec.")
    {
        Add(_name);
        Add(AllNamespaces);
        Add(_duration);
        Add(_everyId);
        RefuseNameInAllNamespaces(_name);
    }

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        KubectlRunner kubectl = Kubectl(result);
        Scope scope = ScopeOf(result, result.GetValue(_name));
        TextWriter output = result.InvocationConfiguration.Output;
        TextWriter errors = result.InvocationConfiguration.Error;
        ClusterSnapshot snapshot = await new ClusterReader(kubectl, scope).ReadAsync(cancellationToken);
        CapturedPod[] pods = CapturedPod.Of(snapshot);
        if (pods.Length == 0)
        {
            await errors.WriteLineAsync(
                "There is no member whose sidecar could be asked; 'kubectl vip status' says why.");
            return ExitCodes.Failure;
        }

        int? onlyId = scope.Name is null || result.GetValue(_everyId)
            ? null
            : snapshot.VirtualIPs[0].Status?.VirtualRouterId;
        GatewayDuration duration = result.GetValue(_duration);
        CaptureLog log = new(pods);
        Lock printing = new();
        bool[] succeeded = await Task.WhenAll(pods.Select(CaptureAsync));
        await output.WriteAsync(log.Summary());
        return succeeded.All(s => s) ? ExitCodes.Success : ExitCodes.Failure;

        async Task<bool> CaptureAsync(CapturedPod pod)
        {
            string[] arguments =
            [
                "exec", "--namespace", pod.Namespace, pod.Name, "-c", WellKnown.SidecarContainerName, "--",
                "vip-sidecar", "capture", "--duration", duration.ToString(), "-o", "json",
            ];
            (int exitCode, string said) = await kubectl.StreamAsync(
                arguments, line => Take(pod, line), cancellationToken);
            if (exitCode == 0)
                return true;
            lock (printing)
                errors.WriteLine($"{pod.Node}: {(said.Length > 0 ? said : $"kubectl exec ended with {exitCode}.")}");
            log.Fail(pod);
            return false;
        }

        void Take(CapturedPod pod, string line)
        {
            if (Read(line) is not { } advertisement || (onlyId is { } id && advertisement.VirtualRouterId != id))
                return;
            lock (printing)
            {
                output.WriteLine(log.Add(pod, advertisement));
                output.Flush();
            }
        }
    }

    // What is no document is not the sidecar's: a warning of the container runtime, say.
    private static CapturedAdvertisement? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, PluginJsonContext.Default.CapturedAdvertisement);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
