using VipOperator.Api;
using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Waiting;

/// <summary>Waits until something has come about in the cluster, and tells how it goes.</summary>
internal sealed class Patience(ClusterReader reader, GatewayDuration timeout, TextWriter output, TextWriter errors)
{
    /// <returns>false when the time was over; then what stood in the way last was printed as an error.</returns>
    public async Task<bool> UntilAsync(Func<ClusterSnapshot, Verdict> judge, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout.Value);
        Verdict? last = null;
        try
        {
            await foreach (ClusterSnapshot snapshot in reader.WatchAsync(errors.WriteLine, limit.Token))
            {
                Verdict verdict = judge(snapshot);
                foreach (string line in verdict.Lines.Except(last?.Lines ?? []))
                    await output.WriteLineAsync(line);
                await output.FlushAsync(CancellationToken.None);
                last = verdict;
                if (verdict.IsDone)
                    return true;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }

        await errors.WriteLineAsync(
            $"It has not come about within {timeout}{(last is { Lines.Count: > 0 } ? ":" : ".")}");
        foreach (string line in last?.Lines ?? [])
            await errors.WriteLineAsync(line);
        return false;
    }
}
