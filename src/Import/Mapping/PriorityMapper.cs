using System.Globalization;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>The order of the hosts, as preferences for nodes, and the number that the best one begins with.</summary>
internal sealed class PriorityMapper(ImportOptions options, Ledger ledger, Differences differences)
{
    public const int HighestAllowed = 254;

    private const string HostNameLabel = "kubernetes.io/hostname";
    private const int MostPreferences = 16;
    private const int MostWeight = 100;
    private const int LargestStep = 10;

    /// <param name="cluster">The hosts.</param>
    /// <param name="speaksAlso">Another virtual router that moves together with it; null: none.</param>
    public PrioritySpec Map(Cluster cluster, Cluster? speaksAlso)
    {
        IReadOnlyList<Instance> ranked = cluster.Ranked;
        int highest = Highest(cluster, speaksAlso);
        int[] levels = [.. ranked.Select(m => m.Priority).Distinct()];
        for (int i = 0; i < ranked.Count; i++)
            Say(ranked[i], i, highest, ranked, levels.Length == 1);
        SayStates(ranked);
        if (ranked.Count > 1 && levels.Length == 1)
            differences.AddSilent(
                $"all hosts of {cluster.Best.Name} have priority {levels[0]}, so no node is preferred");
        if (ranked.Count == 1 || levels.Length == 1)
            return new PrioritySpec { Highest = highest };

        int step = Math.Max(1, Math.Min(LargestStep, MostWeight / (levels.Length - 1)));
        return new PrioritySpec
        {
            Highest = highest,
            Preferences =
            [
                .. ranked
                    .Select(m => (Member: m, Weight: Math.Min(
                        MostWeight, step * (levels.Length - 1 - Array.IndexOf(levels, m.Priority)))))
                    .Where(m => m.Weight > 0)
                    .Take(MostPreferences)
                    .Select(m => new NodePreference
                    {
                        NodeSelector = new LabelSelector
                        {
                            MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal)
                                { [HostNameLabel] = m.Member.Host.Node },
                        },
                        Weight = m.Weight,
                    }),
            ],
        };
    }

    private int Highest(Cluster cluster, Cluster? speaksAlso)
    {
        Instance[] all = [.. cluster.Members, .. speaksAlso?.Members ?? []];
        int best = Math.Min(HighestAllowed, all.Max(m => m.Priority));
        // The last of the members still needs a priority of 1.
        int least = cluster.Members.Count;
        switch (options.Step)
        {
            case ImportStep.Join:
                int below = all.Min(m => m.Priority) - 1;
                return below >= least ? below : Math.Min(least, HighestAllowed);
            case ImportStep.TakeOver:
                // One more than keepalived: the second member is no better than it, so that the two do not race for the
                // address.
                return Math.Clamp(all.Max(m => m.BestPriority) + 1, least, HighestAllowed);
            default:
                return Math.Max(best, least);
        }
    }

    private void Say(Instance member, int rank, int highest, IReadOnlyList<Instance> ranked, bool areEqual)
    {
        if (member.WrittenPriority?.From is not { } from)
            return;
        int becomes = highest - rank;
        string place = $"place {rank + 1} of {ranked.Count}";
        if (options.Step == ImportStep.Join && ranked[^1].Priority - 1 < ranked.Count)
        {
            ledger.Approximated(
                from,
                $"There is no room below priority {ranked[^1].Priority} for {ranked.Count} members to join as Backups; "
                + $"raise keepalived's priorities first.",
                decide: true);
        }
        else if (options.Step == ImportStep.TakeOver && member.BestPriority >= HighestAllowed)
        {
            ledger.Approximated(
                from, $"No member can be better than keepalived with {member.BestPriority}; lower keepalived's "
                    + $"priority first.", decide: true);
        }
        else if (ranked.Count == 1)
        {
            Put(becomes == member.Priority,
                $"It becomes priority.highest: {highest}; with one host's file nobody knows which nodes come next.");
        }
        else if (areEqual)
        {
            Put(false, $"All hosts have {member.Priority}: priority.highest is {highest}, and which node gets it is "
                + $"left to the operator.");
        }
        else if (becomes == member.Priority)
        {
            Put(true, $"The node is {place}, which is priority {becomes}.");
        }
        else
        {
            string instead = options.Step == ImportStep.Final ? "ranks count down by one" : "as this step needs";
            Put(false, string.Create(
                CultureInfo.InvariantCulture, $"The node is {place}, which is priority {becomes}: {instead}."));
        }

        void Put(bool isExact, string sentence)
        {
            if (isExact)
                ledger.Mapped(from, sentence);
            else
                ledger.Approximated(from, sentence);
        }
    }

    // In keepalived too, a state says only how it starts; a moment later the priorities have decided.
    private void SayStates(IReadOnlyList<Instance> ranked)
    {
        bool noneIsMaster = !ranked.Any(m => m.StartsAsMaster);
        foreach (Instance member in ranked)
        {
            if (member.State is not { } from)
                continue;
            if (from.Argument is not ("MASTER" or "BACKUP"))
            {
                ledger.Approximated(from, $"keepalived knows no state {from.Argument} and takes it as BACKUP; the "
                    + $"priorities decide who is Active.");
            }
            else if (noneIsMaster)
            {
                ledger.Mapped(from, "Every member starts as a Backup.");
            }
            else if (member.StartsAsMaster == (member.Priority == ranked[0].Priority) || ranked.Count == 1)
            {
                ledger.Mapped(from, "The priorities say so.");
            }
            else
            {
                ledger.Approximated(
                    from, "The priorities decide who is Active, here as in keepalived a moment after its start.");
            }
        }
    }
}
