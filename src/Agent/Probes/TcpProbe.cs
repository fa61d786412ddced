using System.Net;
using System.Net.Sockets;
using VipOperator.Api;

namespace VipOperator.Agent.Probes;

/// <summary>Passes when the port takes connections.</summary>
internal sealed class TcpProbe(ProbeTargets targets, TcpProbeSpec spec) : ConnectionProbe(targets, spec.Port)
{
    public override string Description => $"tcp :{Port}";

    protected override ValueTask<ProbeOutcome> ExchangeAsync(
        Socket socket, IPEndPoint target, CancellationToken cancellationToken) =>
        new(ProbeOutcome.Success);
}
