namespace VipOperator.Planning;

/// <summary>
/// Which of several workload revisions is the newest, and that a move goes where none follows it: a pod of an older one
/// is the next to be replaced (docs/adr/0031-moves.md).
/// </summary>
internal static class Revisions
{
    /// <summary>The label of DaemonSets and StatefulSets, then that of Deployments.</summary>
    private static readonly string[] Labels = ["controller-revision-hash", "pod-template-hash"];

    /// <returns>null: its pod says nothing of it.</returns>
    public static string? Of(PodObject pod)
    {
        foreach (string label in Labels)
        {
            if (pod.Labels.TryGetValue(label, out string? revision))
                return revision;
        }

        return null;
    }

    /// <summary>
    /// Puts those of the newest revision first among the equals behind the Active one. Only behind it: the order there
    /// says who takes the addresses over next, and moves nothing.
    /// </summary>
    /// <returns>The newest revision; null when there is none, or no other.</returns>
    public static string? Prefer(List<Contender> inOrder)
    {
        List<Contender> fit = [.. inOrder.TakeWhile(c => c.Flaw is null)];
        // All pods that are made have the revision that is being rolled out.
        string? newest = fit
            .Where(c => Of(c.Pod) is not null)
            .OrderByDescending(c => c.Pod.CreatedUnixS).ThenBy(c => c.Pod.Key)
            .Select(c => Of(c.Pod))
            .FirstOrDefault();
        if (newest is null || fit.TrueForAll(c => Of(c.Pod) == newest))
            return null;
        int active = fit.FindIndex(c => c.IsActive);
        if (active >= 0)
        {
            Contender[] behind =
                [.. fit.Skip(active + 1).OrderByDescending(c => c.Score).ThenByDescending(c => Of(c.Pod) == newest)];
            for (int i = 0; i < behind.Length; i++)
                inOrder[active + 1 + i] = behind[i];
        }

        return newest;
    }
}
