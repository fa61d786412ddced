using System.Net;
using System.Net.Sockets;
using MimeKit;
using VipOperator.Planning;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>Mail to a real server.</summary>
public sealed class MailTests : IDisposable
{
    private const string User = "vip";
    private const string Password = "correct horse battery";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StartTlsWithAuth_MailArrivesForAllRecipients()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate, login: (User, Password));
        await using NotifierHarness notifier = new(
            _folder, Mail(server.Port, $", {Tls("Required", certificate)}, {Authentication(Password)}"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive, "No member is Active: grüße von node-a.");

        MimeMessage mail = (await server.MailsAsync(1)).Single();
        Assert.Equal("ops@example.org,night@example.org", mail.Headers["X-Recipients"]);
        Assert.Equal("True", mail.Headers["X-Tls"]);
        Assert.Contains(User, mail.Headers["X-User"], StringComparison.Ordinal);
        Assert.Equal("[vip-operator lab] Critical: NoActive web/site", mail.Subject);
        Assert.Contains("No member is Active: grüße von node-a.", mail.TextBody, StringComparison.Ordinal);
        await notifier.TotalBecomesAsync("ops", "sent", 1);
        Assert.DoesNotContain(Password, notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImplicitTls_MailArrives()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using SmtpServer server = await SmtpServer.StartAsync(
            _folder, certificate, tls: "implicit", login: (User, Password));
        await using NotifierHarness notifier = new(
            _folder, Mail(server.Port, $", {Tls("Implicit", certificate)}, {Authentication(Password)}"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await server.MailsAsync(1);
    }

    [Fact]
    public async Task OpportunisticTls_UsesWhatTheServerHas()
    {
        await using SmtpServer plain = await SmtpServer.StartAsync(_folder, tls: "none");
        await using SmtpServer tls = await SmtpServer.StartAsync(_folder, TestCertificate.Create(_folder));
        await using NotifierHarness notifier = new(
            _folder,
            Mail(plain.Port, ", tls: {mode: Opportunistic}", "plain") + Mail(
                tls.Port, ", tls: {mode: Opportunistic}", "tls"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        Assert.Equal("False", (await plain.MailsAsync(1)).Single().Headers["X-Tls"]);
        Assert.Equal("True", (await tls.MailsAsync(1)).Single().Headers["X-Tls"]);
    }

    [Fact]
    public async Task ServerWithoutStartTls_GetsNothingWhereItIsRequired()
    {
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, tls: "none");
        await using NotifierHarness notifier = new(_folder, Mail(server.Port, ""));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await notifier.FailuresReachAsync("ops", 1);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Password_IsNeverSentInTheClear()
    {
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, tls: "none", login: (User, Password));
        await using NotifierHarness notifier = new(
            _folder, Mail(server.Port, $", tls: {{mode: Opportunistic}}, {Authentication(Password)}"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await notifier.FailuresReachAsync("ops", 1);
        await LogComesAsync(notifier, "a password is not sent in the clear");
        Assert.Empty(server.Mails);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.2", true)]
    public async Task CertificateOfAnUnknownAuthorityOrForAnotherName_IsNotBelieved(
        string address, bool authorityIsKnown)
    {
        TestCertificate certificate = TestCertificate.Create(_folder, address);
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate);
        await using NotifierHarness notifier = new(
            _folder, Mail(
                server.Port, authorityIsKnown ? ", " + Tls("Required", certificate) : ", tls: {mode: Required}"));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        await notifier.FailuresReachAsync("ops", 1);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task WrongPassword_IsTriedAgainUntilTheFileHasTheRightOne()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate, login: (User, Password));
        await using NotifierHarness notifier = new(
            _folder, Mail(server.Port, $", {Tls("Required", certificate)}, {Authentication("hunter22-old")}"));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);
        await notifier.FailuresReachAsync("ops", 1);

        _folder.Write("password", Password + "\n");

        await server.MailsAsync(1);
        Assert.DoesNotContain("hunter22-old", notifier.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, notifier.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusedRecipient_KeepsNoOtherFromTheMail()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate, refuse: ["ops@example.org"]);
        await using NotifierHarness notifier = new(_folder, Mail(server.Port, ", " + Tls("Required", certificate)));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);

        Assert.Equal("night@example.org", (await server.MailsAsync(1)).Single().Headers["X-Recipients"]);
        await notifier.TotalBecomesAsync("ops", "rejected", 1);
        await LogComesAsync(
            notifier, "not accepted for ops@example.org: the server answered 550 5.1.1 There is nobody of that name");
    }

    [Fact]
    public async Task DeferredRecipient_GetsTheMailLaterAndTheOthersNotTwice()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate, defer: ["night@example.org"]);
        await using NotifierHarness notifier = new(_folder, Mail(server.Port, ", " + Tls("Required", certificate)));
        await notifier.ReadyAsync();

        notifier.Record("site", EventReason.NoActive);
        await notifier.TotalBecomesAsync("ops", "sent", 1);

        MimeMessage[] mails = server.Mails;
        Assert.Equal(["ops@example.org", "night@example.org"], mails.Select(m => m.Headers["X-Recipients"]));
        Assert.Single(mails.Select(m => m.MessageId).Distinct());
    }

    [Fact]
    public async Task ServerThatIsAway_GetsTheMailWhenItIsBack()
    {
        TestCertificate certificate = TestCertificate.Create(_folder);
        int port = FreePort();
        await using NotifierHarness notifier = new(_folder, Mail(port, ", " + Tls("Required", certificate)));
        await notifier.ReadyAsync();
        notifier.Record("site", EventReason.NoActive);
        await notifier.FailuresReachAsync("ops", 2);
        Assert.Equal(1, await notifier.MetricAsync("vipoperator_notification_queue_length{channel=\"ops\"}"));

        await using SmtpServer server = await SmtpServer.StartAsync(_folder, certificate, port: port);

        await server.MailsAsync(1);
        await notifier.TotalBecomesAsync("ops", "sent", 1);
        await notifier.MetricBecomesAsync("vipoperator_notification_queue_length{channel=\"ops\"}", 0);
    }

    private static Task LogComesAsync(NotifierHarness notifier, string text) => Cluster.Eventually.GetAsync(
        () => Task.FromResult(notifier.Log.Contains(text, StringComparison.Ordinal) ? "" : null),
        () => Task.FromResult(notifier.Log));

    private static string Mail(int port, string more, string name = "ops") => $"""
        - name: {name}
          gatherTime: 10ms
          mail: {"{"}server: 127.0.0.1, port: {port}, from: vip@example.org, to: [ops@example.org, Night shift <night@example.org>]{more}{"}"}

        """;

    private static string Tls(string mode, TestCertificate certificate) =>
        $"tls: {{mode: {mode}, caFile: {certificate.AuthorityFile}}}";

    private string Authentication(string password) =>
        $"authentication: {{usernameFile: {_folder.Write("username", User + "\n")}, passwordFile: "
        + $"{_folder.Write("password", password + "\n")}}}";

    private static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
