using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>Lets peers have the addresses of every Active router and waits until they do.</summary>
internal sealed class Handover(Coordinator coordinator, ISidecar sidecar, TimeProvider time, ILogger log)
{
    /// <summary>A router that nobody took the addresses from goes on; a peer that could may come later.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    public async Task<HandoverResult> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await coordinator.RefreshAsync(cancellationToken).ConfigureAwait(false);
        HashSet<uint> asked =
            [.. Routers().Where(r => r.Report?.State == RouterStateKind.Active).Select(r => r.Configuration.Handle)];
        Ask(asked);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        Task askAgain = Task.Delay(AskAgainAfter, time, limit.Token);
        while (true)
        {
            Task reported = coordinator.NextReport;
            RouterSnapshot[] routers = [.. Routers().Where(r => asked.Contains(r.Configuration.Handle))];
            bool all = routers.All(IsTaken);
            if (!all)
                await Task.WhenAny(reported, askAgain).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (!all && !limit.IsCancellationRequested)
            {
                if (askAgain.IsCompleted)
                {
                    Ask(routers.Where(r => r.Report?.State == RouterStateKind.Active)
                        .Select(r => r.Configuration.Handle));
                    askAgain = Task.Delay(AskAgainAfter, time, limit.Token);
                }

                continue;
            }

            HandoverResult result = new(
                [.. routers.Where(IsTaken).Select(Name)], [.. routers.Where(r => !IsTaken(r)).Select(Name)]);
            Log.HandedOver(log, asked.Count, result.HandedOver.Length);
            return result;
        }
    }

    private void Ask(IEnumerable<uint> handles)
    {
        uint[] each = [.. handles];
        sidecar.Send(writer =>
        {
            foreach (uint handle in each)
                new HandoverMessage(handle).Write(writer);
        });
    }

    private IEnumerable<RouterSnapshot> Routers() => coordinator.Snapshot().Members.SelectMany(m => m.Routers);

    // Another member is heard Active, and we are not any more.
    private static bool IsTaken(RouterSnapshot router) =>
        router.Report is { State: not RouterStateKind.Active, ActiveAddress.IsNone: false };

    private static string Name(RouterSnapshot router) =>
        $"{router.Configuration.Name} {MemberStatusBuilder.FamilyName(router.Parameters.Family)}";
}
