using CsCheck;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class DeadlineHeapTests
{
    [Fact]
    public void Earliest_Empty_IsNever() => Assert.Equal(MonotonicTime.Never, new DeadlineHeap().Earliest);

    [Fact]
    public void TryTakeDue_NotDueYet_TakesNothing()
    {
        DeadlineHeap heap = new();
        heap.Set(new Deadline(() => { }), new MonotonicTime(10));

        Assert.False(heap.TryTakeDue(new MonotonicTime(9), out _));
        Assert.True(heap.TryTakeDue(new MonotonicTime(10), out Deadline taken));
        Assert.Equal(MonotonicTime.Never, taken.Due);
        Assert.Equal(MonotonicTime.Never, heap.Earliest);
    }

    [Fact]
    public void Set_WithSlack_WakesLateAndThenTakesAllThatIsDue()
    {
        DeadlineHeap heap = new();
        Deadline first = new(() => { });
        Deadline second = new(() => { });
        Deadline urgent = new(() => { });
        heap.Set(first, new MonotonicTime(10), slackNanoseconds: 5);
        heap.Set(second, new MonotonicTime(12), slackNanoseconds: 5);
        Assert.Equal(15, heap.Earliest.Nanoseconds);

        heap.Set(urgent, new MonotonicTime(14));
        Assert.Equal(14, heap.Earliest.Nanoseconds);

        List<Deadline> taken = [];
        while (heap.TryTakeDue(new MonotonicTime(14), out Deadline due))
            taken.Add(due);
        Assert.Equal([urgent, first, second], taken);
    }

    /// <summary>
    /// Against a plain list: set, moved and taken out in any order, the earliest is always the least.
    /// </summary>
    [Fact]
    public void AnyOperations_TheEarliestIsTheLeast() =>
        Gen.Select(Gen.Int[0, 9], Gen.Frequency((4, Gen.Long[0, 20]), (1, Gen.Const(long.MaxValue))))
        .Array[0, 200].Sample(operations =>
        {
            DeadlineHeap heap = new();
            Deadline[] deadlines = [.. Enumerable.Range(0, 10).Select(_ => new Deadline(() => { }))];
            long[] expected = new long[10];
            Array.Fill(expected, long.MaxValue);
            foreach ((int which, long due) in operations)
            {
                heap.Set(deadlines[which], new MonotonicTime(due));
                expected[which] = due;
                Assert.Equal(expected.Min(), heap.Earliest.Nanoseconds);
            }

            List<long> taken = [];
            while (!heap.Earliest.IsNever)
            {
                taken.Add(heap.Earliest.Nanoseconds);
                Assert.True(heap.TryTakeDue(heap.Earliest, out _));
            }

            Assert.Equal(expected.Where(d => d != long.MaxValue).Order(), taken);
        });
}
