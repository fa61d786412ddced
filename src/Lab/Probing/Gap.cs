namespace VipOperator.Lab.Probing;

/// <summary>What the client felt when the address moved.</summary>
/// <param name="Length">From the last answer of another before to the first answer of the new responder.</param>
/// <param name="Failed">Requests begun in that time that got no answer.</param>
/// <param name="From">Who answered last before; null when nobody did.</param>
/// <param name="EndedAt">When the new one first answered, as <see cref="ProbeSample.EndedAt"/>.</param>
internal sealed record Gap(TimeSpan Length, int Failed, string? From, string To, long EndedAt)
{
    /// <param name="samples">In any order.</param>
    /// <param name="since">
    /// When the fault was made: answers that <paramref name="newResponder"/> gave before do not count.
    /// </param>
    /// <param name="newResponder">Who is to answer.</param>
    /// <returns>null: it has not answered yet.</returns>
    public static Gap? Find(IEnumerable<ProbeSample> samples, long since, string newResponder)
    {
        List<ProbeSample> ordered = [.. samples.OrderBy(s => s.EndedAt)];
        ProbeSample? first = ordered.Find(s => s.StartedAt >= since && s.Responder == newResponder);
        if (first is null)
            return null;
        ProbeSample? last = ordered.FindLast(
            s => s.Answered && s.Responder != newResponder && s.EndedAt < first.EndedAt);
        long from = last?.EndedAt ?? since;
        int failed = ordered.Count(
            s => !s.Answered && s.StartedAt >= (last?.StartedAt ?? since) && s.StartedAt <= first.EndedAt);
        return new Gap(Clock.Span(first.EndedAt - from), failed, last?.Responder, newResponder, first.EndedAt);
    }
}
