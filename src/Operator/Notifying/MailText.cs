using System.Globalization;
using System.Text;
using MimeKit;

namespace VipOperator.Operator.Notifying;

/// <summary>A message as people read it.</summary>
internal static class MailText
{
    /// <param name="cluster">Empty: not said.</param>
    public static MimeMessage Write(Batch batch, MailSettings settings, string cluster)
    {
        MailboxAddress from = MailboxAddress.Parse(settings.From);
        MimeMessage message = new()
        {
            // The same at each try, so that who gets a message twice can tell.
            MessageId = $"{batch.Id:n}@{from.Domain}",
            Date = batch.Time,
            Subject = $"[{Sender(cluster)}] {batch.Summary()}",
            Body = new TextPart("plain") { Text = Body(batch, cluster) },
        };
        message.From.Add(from);
        message.To.AddRange(settings.To.Select(MailboxAddress.Parse));
        // No machine shall answer (RFC 3834).
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        if (batch.Severity == Severity.Critical)
            message.Importance = MessageImportance.High;
        return message;
    }

    private static string Sender(string cluster) => cluster.Length == 0 ? "vip-operator" : $"vip-operator {cluster}";

    private static string Body(Batch batch, string cluster)
    {
        StringBuilder text = new();
        foreach (Repeated repeated in batch.Listed)
        {
            Notification last = repeated.Last;
            text.Append(CultureInfo.InvariantCulture, $"{last.Severity}: {last.Reason} {last.VirtualIP}");
            if (last.Addresses.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $" ({string.Join(", ", last.Addresses)})");
            if (repeated.Count > 1)
                text.Append(CultureInfo.InvariantCulture, $", {repeated.Count} times, the last");
            text.Append(
                CultureInfo.InvariantCulture, $"\n  {last.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {last.Message}\n\n");
        }

        if (batch.Omitted > 0)
            text.Append(CultureInfo.InvariantCulture, $"And {batch.Omitted} more that are not listed here.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"-- \n{Sender(cluster)} on {Environment.MachineName}\n");
        text.Append("How it is now: kubectl get virtualips --all-namespaces\n");
        return text.ToString();
    }
}
