using MailKit.Net.Smtp;
using MimeKit;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// One connection to a mail server, which serves those recipients that the server takes, and remembers the others.
/// </summary>
internal sealed class MailSession : SmtpClient
{
    private readonly List<(MailboxAddress Recipient, SmtpResponse Answer)> _refused = [];

    public IReadOnlyList<(MailboxAddress Recipient, SmtpResponse Answer)> Refused => _refused;

    protected override void OnRecipientNotAccepted(
        MimeMessage message, MailboxAddress mailbox, SmtpResponse response) =>
        _refused.Add((mailbox, response));

    protected override void OnNoRecipientsAccepted(MimeMessage message) => throw new NoRecipientException();
}

/// <summary>The server took no recipient; <see cref="MailSession.Refused"/> has its answers.</summary>
internal sealed class NoRecipientException : Exception;
