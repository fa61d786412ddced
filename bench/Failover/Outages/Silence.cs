using VipOperator.Lab.Probing;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>When nobody answered.</summary>
internal static class Silence
{
    /// <summary>The longest time between two answers, of whomever, that touches the span.</summary>
    /// <param name="samples">In any order; some from before the span.</param>
    /// <param name="from">As <see cref="Clock.NowMicroseconds"/>.</param>
    public static TimeSpan Longest(IEnumerable<ProbeSample> samples, long from, long to)
    {
        long longest = 0;
        long last = from;
        foreach (long at in samples.Where(s => s.Answered).Select(s => s.EndedAt).Order())
        {
            if (at >= from)
                longest = Math.Max(longest, at - last);
            last = at;
            if (at >= to)
                break;
        }

        return Clock.Span(Math.Max(longest, to - last));
    }
}
