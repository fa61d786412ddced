using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// A mail. A server may take it for some recipients and not (yet) for others, so each try is for those who lack it.
/// </summary>
internal sealed class MailDelivery : IDelivery
{
    private readonly MailSettings _settings;
    private readonly MimeMessage _message;
    private readonly List<string> _refusals = [];
    private List<MailboxAddress> _pending;

    public MailDelivery(MailSettings settings, MimeMessage message)
    {
        _settings = settings;
        _message = message;
        _pending = [.. message.To.Mailboxes];
    }

    public async Task TryAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_settings.Timeout);
        try
        {
            await SendAsync(limit.Token);
        }
        catch (SmtpCommandException e)
        {
            throw new DeliveryException(Answer(e.StatusCode, e.Message), isFinal: (int)e.StatusCode >= 500, cause: e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException(
                string.Create(CultureInfo.InvariantCulture,
                    $"not sent within {_settings.Timeout.TotalSeconds} s"), cause: e);
        }
        catch (Exception e)
            when (e is ProtocolException or AuthenticationException or SslHandshakeException or SocketException
            or IOException or NotSupportedException or InvalidOperationException)
        {
            // A refused password too: the right one may be on its way.
            throw new DeliveryException(e.Message, cause: e);
        }
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        (string User, string Password)? login = _settings.UsernameFile is { } userFile
            ? (SecretFile.ReadText(userFile), SecretFile.ReadText(_settings.PasswordFile!))
            : null;
        using MailSession session = new()
        {
            Timeout = (int)_settings.Timeout.TotalMilliseconds,
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = _settings.TlsMode == TlsMode.Opportunistic && login is null
                ? Trust.InAnybody
                : Trust.In(_settings.CaFile),
        };
        await session.ConnectAsync(_settings.Server, _settings.Port, _settings.TlsMode switch
        {
            TlsMode.Required => SecureSocketOptions.StartTls,
            TlsMode.Opportunistic => SecureSocketOptions.StartTlsWhenAvailable,
            TlsMode.Implicit => SecureSocketOptions.SslOnConnect,
        }, cancellation);
        if (login is var (user, password))
        {
            if (!session.IsSecure)
                throw new DeliveryException("the server offers no STARTTLS, and a password is not sent in the clear");
            await session.AuthenticateAsync(user, password, cancellation);
        }

        try
        {
            await session.SendAsync(
                FormatOptions.Default, _message, _message.From.Mailboxes.First(), _pending, cancellation);
        }
        catch (NoRecipientException)
        {
            // Judged below, as a part of them would be.
        }

        Judge(session.Refused);
        await SayGoodbyeAsync(session, cancellation);
    }

    // Those who have it, and those who never will, are not tried again.
    private void Judge(IReadOnlyList<(MailboxAddress Recipient, SmtpResponse Answer)> refused)
    {
        _pending = [.. refused.Where(r => (int)r.Answer.StatusCode < 500).Select(r => r.Recipient)];
        _refusals.AddRange(refused
            .Where(r => (int)r.Answer.StatusCode >= 500)
            .Select(r => $"{r.Recipient.Address}: {Answer(r.Answer.StatusCode, r.Answer.Response)}"));
        if (_pending.Count > 0)
        {
            (MailboxAddress recipient, SmtpResponse answer) = refused.First(r => (int)r.Answer.StatusCode < 500);
            throw new DeliveryException(
                $"not yet accepted for {recipient.Address}: {Answer(answer.StatusCode, answer.Response)}");
        }

        if (_refusals.Count > 0)
            throw new DeliveryException($"not accepted for {string.Join("; ", _refusals)}", isFinal: true);
    }

    // The mail is the server's by now; whatever goes wrong here is no reason to send it again.
    private static async Task SayGoodbyeAsync(MailSession session, CancellationToken cancellation)
    {
        try
        {
            await session.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception e) when (e is ProtocolException or CommandException or IOException or SocketException
            or OperationCanceledException)
        {
            // As good as said.
        }
    }

    private static string Answer(SmtpStatusCode code, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)code} {text}");
}
