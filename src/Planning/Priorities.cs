using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// Turns an order into priorities with as few changes as possible. The best has the highest; whoever stands right with
/// what it has keeps it, so that a member that goes leaves a gap rather than move all behind it up.
/// </summary>
internal static class Priorities
{
    /// <summary>
    /// How far a priority that is kept may lie below the one that counting down would give: a Backup's Skew_Time grows
    /// by interval / 256 with each.
    /// </summary>
    public const int MostBelow = 16;

    /// <param name="standing">What each has, the best first; null: nothing yet.</param>
    /// <returns>
    /// Falling, from <paramref name="highest"/> on. Those for which there is no number left share 1: of equals the
    /// higher address wins (RFC 9568 §6.4.3).
    /// </returns>
    public static Priority[] Assign(IReadOnlyList<Priority?> standing, Priority highest)
    {
        int[] kept = new int[standing.Count];
        int ranked = Math.Min(standing.Count, highest.Value);
        foreach (int rank in LongestThatStandsRight(standing, ranked, highest.Value))
            kept[rank] = standing[rank]!.Value.Value;

        Priority[] assigned = new Priority[standing.Count];
        for (int rank = 0; rank < standing.Count; rank++)
        {
            int counted = rank == 0 ? highest.Value : assigned[rank - 1].Value - 1;
            assigned[rank] = new Priority((byte)(kept[rank] > 0 ? kept[rank] : Math.Max(1, counted)));
        }

        return assigned;
    }

    // Counting down one each, p(rank) + rank never rises; whoever is kept needs room for those before and behind it. So
    // what can be kept together is a subsequence of p + rank that does not rise, and the longest one leaves the fewest
    // to be rewritten. The best is kept only with the highest.
    private static IEnumerable<int> LongestThatStandsRight(IReadOnlyList<Priority?> standing, int ranked, int highest)
    {
        int lowestSum = Math.Max(ranked, highest - MostBelow);
        List<int> tails = [];
        int[] previous = new int[ranked];
        for (int rank = 0; rank < ranked; rank++)
        {
            int sum = Sum(rank);
            if (standing[rank] is null || sum > highest || sum < (rank == 0 ? highest : lowestSum))
                continue;

            // The first tail with a smaller sum is replaced; equal ones may follow each other.
            int low = 0;
            int high = tails.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (Sum(tails[middle]) >= sum)
                    low = middle + 1;
                else
                    high = middle;
            }

            previous[rank] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count)
                tails.Add(rank);
            else
                tails[low] = rank;
        }

        for (int rank = tails.Count == 0 ? -1 : tails[^1]; rank >= 0; rank = previous[rank])
            yield return rank;

        int Sum(int rank) => (standing[rank]?.Value ?? 0) + rank;
    }
}
