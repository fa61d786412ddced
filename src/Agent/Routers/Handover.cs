using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>Lets peers have the addresses of every Active router and waits until they do.</summary>
internal sealed class Handover(Coordinator coordinator, ISidecar sidecar, ILogger log)
{
    public async Task<HandoverResult> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await coordinator.RefreshAsync(cancellationToken).ConfigureAwait(false);
        HashSet<uint> asked = [.. Routers().Where(r => r.Report?.State == RouterStateKind.Active).Select(r => r.Configuration.Handle)];
        sidecar.Send(writer =>
        {
            foreach (uint handle in asked)
                new HandoverMessage(handle).Write(writer);
        });

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        while (true)
        {
            Task reported = coordinator.NextReport;
            RouterSnapshot[] routers = [.. Routers().Where(r => asked.Contains(r.Configuration.Handle))];
            bool all = routers.All(IsTaken);
            if (!all)
                await reported.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!all && !limit.IsCancellationRequested)
                continue;
            HandoverResult result = new([.. routers.Where(IsTaken).Select(Name)], [.. routers.Where(r => !IsTaken(r)).Select(Name)]);
            Log.HandedOver(log, asked.Count, result.HandedOver.Length);
            return result;
        }
    }

    private IEnumerable<RouterSnapshot> Routers() => coordinator.Snapshot().Members.SelectMany(m => m.Routers);

    // Another member is heard Active, and we are not any more.
    private static bool IsTaken(RouterSnapshot router) =>
        router.Report is { State: not RouterStateKind.Active, ActiveAddress.IsNone: false };

    private static string Name(RouterSnapshot router) =>
        $"{router.Configuration.Name} {MemberStatusBuilder.FamilyName(router.Parameters.Family)}";
}
