using VipOperator.Lab.Probing;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>When nobody answered though somebody was asked.</summary>
internal static class Silence
{
    /// <summary>
    /// The longest time without an answer that touches the span, from the first question that was asked in it: while
    /// the client itself was kept from asking, nothing failed.
    /// </summary>
    /// <param name="answers">When answers came, of whomever, in any order; some from before the span.</param>
    /// <param name="questions">When the client asked, in any order.</param>
    /// <param name="from">As <see cref="Clock.NowMicroseconds"/>.</param>
    public static TimeSpan Longest(IEnumerable<long> answers, IEnumerable<long> questions, long from, long to)
    {
        long[] asked = [.. questions.Order()];
        long longest = 0;
        long last = from;
        int next = 0;
        foreach (long at in answers.Where(a => a < to).Append(to).Order())
        {
            while (next < asked.Length && asked[next] < last)
                next++;
            if (at >= from && next < asked.Length)
                longest = Math.Max(longest, at - asked[next]);
            last = Math.Max(last, at);
        }

        return Clock.Span(longest);
    }
}
