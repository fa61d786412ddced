using CsCheck;
using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>Orders into priorities, with as few changes as possible.</summary>
public sealed class PrioritiesTests
{
    [Theory]
    [InlineData("- - -", 254, "254 253 252")]
    [InlineData("254 253 -", 254, "254 253 252")]
    [InlineData("253 252 -", 254, "254 252 251")]
    [InlineData("253 252 254", 254, "254 252 251")]
    [InlineData("252 254 253", 254, "254 253 252")]
    [InlineData("254 - 253", 254, "254 253 252")]
    [InlineData("254 - 252 250", 254, "254 253 252 250")]
    [InlineData("254 253 252", 100, "100 99 98")]
    [InlineData("100 99", 254, "254 253")]
    [InlineData("254 237", 254, "254 237")]
    [InlineData("254 236", 254, "254 253")]
    [InlineData("3 1 -", 3, "3 2 1")]
    [InlineData("2 1 1 -", 2, "2 1 1 1")]
    [InlineData("- -", 1, "1 1")]
    public void Order_KeepsWhatStandsRight(string standing, byte highest, string expected) =>
        Assert.Equal(expected, string.Join(
            ' ', Assign([.. standing.Split(' ').Select(s => s == "-" ? 0 : int.Parse(s, null))], highest)));

    [Fact]
    public void AnyOrder_GetsFallingPrioritiesThatStay() =>
        Gen.Select(Gen.Int[0, 254].Array[0, 300], Gen.Int[1, 254]).Sample(
        (standing, highest) =>
        {
            int[] assigned = Assign(standing, highest);

            Assert.Equal(standing.Length, assigned.Length);
            for (int i = 0; i < assigned.Length; i++)
            {
                Assert.InRange(assigned[i], Math.Max(1, highest - i - Priorities.MostBelow), Math.Max(1, highest - i));
                Assert.True(i == 0 || assigned[i] < assigned[i - 1] || assigned[i] == 1);
            }

            Assert.Equal(assigned, Assign(assigned, highest));
        },
        iter: 5000);

    [Fact]
    public void OneThatMoves_RewritesAtMostThoseBetweenItsPlaces() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample(
            (count, from, to) =>
            {
                int[] standing = [.. Enumerable.Range(0, count).Select(i => 254 - i)];
                List<int> order = [.. standing];
                int moved = order[from % count];
                order.Remove(moved);
                order.Insert(to % count, moved);

                int[] assigned = Assign([.. order], 254);

                int between = Math.Abs((from % count) - (to % count));
                Assert.InRange(order.Zip(assigned).Count(p => p.First != p.Second), 0, between == 0 ? 0 : between + 1);
            },
            iter: 2000);

    [Fact]
    public void OneThatGoesToTheEnd_RewritesItselfAndTheBestAlone() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[0, 1000]).Sample(
        (count, which) =>
        {
            List<int> order = [.. Enumerable.Range(0, count).Select(i => 254 - i)];
            int moved = order[which % count];
            order.Remove(moved);
            order.Add(moved);

            int[] assigned = Assign([.. order], 254);

            int rewritten = order.Zip(assigned).Count(p => p.First != p.Second);
            Assert.InRange(rewritten, 0, 2);
        },
        iter: 2000);

    // No set of priorities that can be kept is larger: tried out for small ones.
    [Fact]
    public void Changes_AreTheFewestThatThereCanBe() => Gen.Select(Gen.Int[0, 6].Array[1, 5], Gen.Int[1, 6]).Sample(
        (standing, highest) =>
        {
            int[] assigned = Assign(standing, highest);
            int kept = standing.Zip(assigned).Count(p => p.First == p.Second);

            Assert.Equal(All(standing.Length, highest).Max(a => standing.Zip(a).Count(p => p.First == p.Second)), kept);
        },
        iter: 2000);

    // All falling rows that begin with the highest; where the numbers run out, ones.
    private static IEnumerable<int[]> All(int count, int highest)
    {
        int ranked = Math.Min(count, highest);
        int[] ones = new int[count - ranked];
        Array.Fill(ones, 1);
        return Rest(ranked - 1, highest).Select(rest => (int[])[highest, .. rest, .. ones]);

        static IEnumerable<int[]> Rest(int count, int below)
        {
            if (count == 0)
                return [[]];
            return Enumerable.Range(1, Math.Max(0, below - 1))
                .SelectMany(p => Rest(count - 1, p).Select(r => (int[])[p, .. r]));
        }
    }

    private static int[] Assign(int[] standing, int highest) =>
    [
        .. Priorities.Assign(
            [.. standing.Select(p => p == 0 ? (Priority?)null : new Priority((byte)p))], new Priority((byte)highest))
            .Select(p => (int)p.Value),
    ];
}
