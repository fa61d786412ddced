namespace VipOperator.Operator.Notifying;

/// <summary>What became of an event that a channel was to tell; a label of metrics.</summary>
internal enum NotificationResult
{
    Sent,

    /// <summary>The queue was full.</summary>
    Dropped,

    /// <summary>The server refused it for good.</summary>
    Rejected,

    /// <summary>It was tried for as long as the settings say.</summary>
    Expired,

    /// <summary>The operator, or the channel, ended before it could be sent.</summary>
    Lost,
}
