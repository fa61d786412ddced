namespace VipOperator.Operator.Notifying;

/// <summary>A bucket of messages that fills up evenly. For one user at a time.</summary>
internal sealed class RateLimit(TimeProvider time)
{
    private double? _left;
    private long _since;

    /// <summary>How long the next message has to wait; zero: it may go, and is counted.</summary>
    /// <param name="messages">How many the bucket holds, and how many come in an interval.</param>
    public TimeSpan Take(int messages, TimeSpan interval)
    {
        long now = time.GetTimestamp();
        double come = _left is null ? messages : time.GetElapsedTime(_since, now) / interval * messages;
        double left = Math.Min(messages, (_left ?? 0) + come);
        _since = now;
        _left = left >= 1 ? left - 1 : left;
        return left >= 1 ? TimeSpan.Zero : (1 - left) * interval / messages;
    }
}
