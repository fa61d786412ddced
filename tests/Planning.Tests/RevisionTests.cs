namespace VipOperator.Planning.Tests;

/// <summary>How often an address moves while the pods of its workload are replaced.</summary>
public sealed class RevisionTests
{
    private const string Label = "controller-revision-hash";

    // Every order in which a DaemonSet may replace the pods of four nodes; node0 has the address.
    public static TheoryData<string> Orders => [.. Permutations("0123")];

    [Theory]
    [MemberData(nameof(Orders))]
    public void RollOut_MovesTheAddressOnceOrTwiceIfItBeginsWithTheActivesPod(string order)
    {
        Cluster cluster = Running(4);
        int moves = 0;
        foreach (char node in order)
            moves += Replace(cluster, node - '0', "new");

        Assert.Equal(order[0] == '0' ? 2 : 1, moves);
        Assert.Empty(cluster.Plan().Steps);
    }

    // A pod is made anew for other reasons too.
    [Fact]
    public void PodOfTheSameRevision_StandsLast()
    {
        Cluster cluster = Running(4);

        Assert.Equal(0, Replace(cluster, 2, "old"));

        Assert.Equal("node0 node1 node3 node2", OrderOf(cluster));
    }

    [Fact]
    public void PodOfTheNewestRevision_StandsBehindTheActiveOneAndBeforeTheOthersAndTheStatusSaysWhy()
    {
        Cluster cluster = Running(4);

        Assert.Equal(0, Replace(cluster, 2, "new"));

        Assert.Equal("node0 node2 node1 node3", OrderOf(cluster));
        Assert.Equal(
            "Behind node2, whose pod is of the newest revision of the workload.",
            cluster.StatusOf("web").Members[2].Explanation);
    }

    [Fact]
    public void Preference_OutweighsTheRevision()
    {
        Cluster cluster = Running(3);
        cluster.EditNode("node1", n => n with { Labels = new LabelSet(("rack", "a")) });
        cluster.EditVirtualIP("web", s => s with
        {
            Preferences =
            [
                new NodePreference(new Selector([new SelectorRequirement("rack", SelectorOperator.In, ["a"])]), 10),
            ],
        });
        cluster.PlanAndApply();
        Report(cluster, "node1");

        Replace(cluster, 2, "new");
        cluster.EditNode("node0", n => n with { Labels = new LabelSet(("rack", "a")) });
        cluster.PlanAndApply();

        Assert.Equal("node1 node0 node2", OrderOf(cluster));
    }

    // Back to what was before: the pods that are made last are the ones that stay.
    [Fact]
    public void RollBackInTheMiddle_PrefersThePodsThatAreMadeNow()
    {
        Cluster cluster = Running(4);
        Replace(cluster, 1, "new");
        Replace(cluster, 2, "new");

        Replace(cluster, 2, "old");

        Assert.Equal("node0 node3 node2 node1", OrderOf(cluster));
    }

    // As a kubelet does it: the Active's addresses go to who stands next when its pod is marked, before a plan is made.
    private static int Replace(Cluster cluster, int index, string revision)
    {
        string node = $"node{index}";
        string pod = cluster.Pods.Values.Single(p => p.NodeName == node).Key.Name;
        bool moves = cluster.StatusOf("web").ActiveNode == node;
        string next = OrderOf(cluster).Split(' ').First(n => n != node);
        cluster.EditPod(pod, p => p with { Terminating = true });
        cluster.PlanAndApply();
        if (moves)
            Report(cluster, next);
        cluster.Pods.Remove(new ObjectKey("default", pod));
        cluster.PlanAndApply();
        AddPod(cluster, node, revision);
        cluster.PlanAndApply();
        Report(cluster, moves ? next : cluster.StatusOf("web").ActiveNode!);
        return moves ? 1 : 0;
    }

    private static Cluster Running(int nodes)
    {
        Cluster cluster = new();
        for (int i = 0; i < nodes; i++)
        {
            cluster.AddNode($"node{i}", $"192.168.1.{103 + i}");
            AddPod(cluster, $"node{i}", "old");
        }

        cluster.AddVirtualIP("web", "192.168.1.108", s => s with { Spread = false });
        cluster.PlanAndApply();
        Report(cluster, "node0");
        return cluster;
    }

    private static void AddPod(Cluster cluster, string node, string revision)
    {
        string name =
            $"nginx-{node}-{revision}-{cluster.Pods.Values.Select(p => p.CreatedUnixS).DefaultIfEmpty(0).Max()}";
        cluster.AddPod(name, node);
        cluster.EditPod(name, p => p with { Labels = p.Labels.With(Label, revision) });
    }

    private static void Report(Cluster cluster, string active)
    {
        foreach (MemberObject member in cluster.Members.Values.ToArray())
        {
            string node = member.Spec!.NodeName;
            cluster.Report("web", node, node == active ? RouterCondition.Active : RouterCondition.Backup);
        }

        cluster.PlanAndApply();
    }

    private static string OrderOf(Cluster cluster) =>
        string.Join(' ', cluster.StatusOf("web").Members.Select(m => m.NodeName));

    private static IEnumerable<string> Permutations(string of) => of.Length == 1
        ? [of]
        : of.SelectMany(first => Permutations(of.Replace(first.ToString(), "", StringComparison.Ordinal))
            .Select(rest => first + rest));
}
