using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>
/// The operator dies at its first write, at its second, and so on; the next one finishes what it began.
/// </summary>
public sealed class KillTests(ApiServerFixture fixture)
{
    /// <summary>Far more than any of the changes below takes.</summary>
    private const int ManyWrites = 40;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KilledAtEveryWriteOfAChange_TheNextEndsInTheSamePlan(bool answerIsLost)
    {
        TestCluster cluster = await ConvergenceTests.OfThreeAsync(fixture);
        await cluster.AddVirtualIPAsync("web", ConvergenceTests.Preferring("192.168.1.108") + ", virtualRouterId: 10");

        // First it makes all members; from then on each round changes the id, and a pod leaves or comes back.
        bool isWhole = false;
        for (int kill = 1; !isWhole; kill++)
        {
            Assert.True(kill < ManyWrites, "The operator never gets through.");
            bool leaves = kill % 2 == 1;
            if (kill > 1)
            {
                await cluster.EditVirtualIPAsync("web", $$"""{"spec":{"virtualRouterId":{{kill + 9}} } }""");
                if (leaves)
                    await cluster.DeletePodAsync("nginx-b");
                else if (await cluster.OrderAsync("web") == "a c")
                    await cluster.AddPodAsync("nginx-b", "b");
            }

            bool hasB = kill == 1 || !leaves;
            KillSwitch death = new(kill, answerIsLost);
            await using (TestOperator first = await Start(cluster, death))
            {
                await Eventually.TrueAsync(async () => death.IsDead || await IsDoneAsync(cluster, hasB, kill + 9));
                isWhole = !death.IsDead;
            }

            await using TestOperator second = await Start(cluster, null);
            await ConvergenceTests.SettlesAsync(cluster, "web", hasB ? 3 : 2, kill + 9);
            Assert.Equal(hasB ? "a b c" : "a c", await cluster.OrderAsync("web"));
            Assert.Equal(hasB ? 3 : 2, (await cluster.MembersAsync()).Length);
            if (isWhole)
                await ConvergenceTests.IsQuietAsync(second);
        }

        // Each round rewrites each member for the id, and once more at the most because somebody left or came.
        Assert.All(
            await cluster.MembersAsync("web"), m => Assert.InRange(
                m["metadata"]!["generation"]!.GetValue<int>(), 1, 2 * ManyWrites));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KilledAtEveryWriteOfADeletion_NothingIsLeft(bool answerIsLost)
    {
        TestCluster cluster = await ConvergenceTests.OfThreeAsync(fixture);
        await cluster.AddVirtualIPAsync("web", ConvergenceTests.Preferring("192.168.1.108") + ", virtualRouterId: 10");
        await using (TestOperator maker = await Start(cluster, null))
            await ConvergenceTests.SettlesAsync(cluster, "web", 3, 10);

        // The members' owner goes while nobody is there, and the garbage collector of a real cluster may be late or
        // away.
        await cluster.DeleteVirtualIPAsync("web");
        for (int kill = 1; kill <= 3; kill++)
        {
            KillSwitch death = new(1, answerIsLost);
            await using TestOperator dying = await Start(cluster, death);
            await Eventually.TrueAsync(async () => death.IsDead || (await cluster.MembersAsync()).Length == 0);
        }

        await using TestOperator last = await Start(cluster, null);
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync()).Length == 0);
    }

    private static async Task<bool> IsDoneAsync(TestCluster cluster, bool hasB, int id) =>
        await cluster.OrderAsync("web") == (hasB ? "a b c" : "a c")
        && (await cluster.MembersAsync()).All(m => m["spec"]!["virtualRouterId"]!.GetValue<int>() == id)
        && (await cluster.VirtualIPAsync("web"))["status"]?["virtualRouterId"]?.GetValue<int>() == id
        && (await cluster.VirtualIPAsync("web"))["status"]!["members"]!.AsArray().Count == (hasB ? 3 : 2);

    // Without an election: a dead leader's lease would have to run out each time.
    private static Task<TestOperator> Start(TestCluster cluster, KillSwitch? death) =>
        cluster.StartOperatorAsync(s => s with { LeaderElection = false, ConcurrentWrites = 1 }, death);

    /// <summary>From its n-th write on the operator reaches nobody any more, as if its process were gone.</summary>
    private sealed class KillSwitch(int write, bool answerIsLost) : DelegatingHandler
    {
        private readonly CancellationTokenSource _death = new();
        private int _writes;

        public bool IsDead => _death.IsCancellationRequested;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDead)
                throw new HttpRequestException("Killed");
            bool isLast = request.Method != HttpMethod.Get && Interlocked.Increment(ref _writes) == write;
            if (isLast && !answerIsLost)
                throw await DieAsync();
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken, _death.Token);
            try
            {
                HttpResponseMessage answer = await base.SendAsync(request, isLast ? cancellationToken : both.Token);
                if (!isLast)
                    return answer;
                answer.Dispose();
                throw await DieAsync();
            }
            catch (OperationCanceledException) when (IsDead)
            {
                throw new HttpRequestException("Killed");
            }
        }

        private async Task<HttpRequestException> DieAsync()
        {
            await _death.CancelAsync();
            return new HttpRequestException("Killed");
        }
    }
}
