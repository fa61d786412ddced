namespace VipOperator.Operator.Notifying;

/// <summary>A message on its way; tried until it is there.</summary>
internal interface IDelivery
{
    /// <exception cref="DeliveryException">It did not get there.</exception>
    Task TryAsync(CancellationToken cancellation);
}

/// <summary>Makes messages.</summary>
internal static class Delivery
{
    /// <param name="cluster">Empty: not said.</param>
    public static IDelivery Of(Batch batch, ChannelSettings channel, string cluster, TimeProvider time) =>
        channel switch
        {
            { Mail: { } mail } => new MailDelivery(mail, MailText.Write(batch, mail, cluster)),
            { Webhook: { } webhook } =>
                new WebhookDelivery(webhook, batch.Id, WebhookBody.Write(batch, channel, cluster), time),
            _ => throw new InvalidOperationException($"The channel {channel.Name} leads nowhere."),
        };
}

/// <summary>Why a message did not get there. Its text goes into the log: no secret may stand in it.</summary>
/// <param name="isFinal">Another try would be refused in the same way.</param>
/// <param name="retryAfter">How long the receiver asks to be left alone.</param>
internal sealed class DeliveryException(
    string message, bool isFinal = false, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(Printable(message), cause)
{
    private const int LongestMessage = 400;

    public bool IsFinal => isFinal;

    public TimeSpan? RetryAfter => retryAfter;

    // A server's answer may hold anything.
    private static string Printable(string text)
    {
        string line = new([.. text.Take(LongestMessage).Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length > LongestMessage ? line + "…" : line;
    }
}
