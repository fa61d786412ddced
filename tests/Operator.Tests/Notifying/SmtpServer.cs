using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MimeKit;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>
/// Debian's aiosmtpd: it runs as anybody, from a folder of its own, and installs beside any mail server that is there.
/// </summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private SmtpServer(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public static async Task<SmtpServer> StartAsync(
        TestFolder folder,
        TestCertificate? certificate = null,
        string tls = "starttls",
        int port = 0,
        (string User, string Password)? login = null,
        string[]? refuse = null,
        string[]? defer = null)
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/aiosmtpd"))
            Assert.Skip("There is no mail server here: install the Debian package python3-aiosmtpd.");
        string mails = folder.NewFolder("mails");
        Dictionary<string, object?> settings = new()
        {
            ["folder"] = mails,
            ["port"] = port,
            ["tls"] = tls,
            ["certificate"] = certificate?.CertificateFile,
            ["key"] = certificate?.KeyFile,
            ["refuse"] = refuse ?? [],
            ["defer"] = defer ?? [],
        };
        if (login is var (user, password))
        {
            settings["user"] = user;
            settings["password"] = password;
        }

        Process process = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3",
            [Path.Combine(AppContext.BaseDirectory, "smtp-server.py"), JsonSerializer.Serialize(settings)])
        {
            RedirectStandardOutput = true,
        })!;
        string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.True(
            int.TryParse(line, CultureInfo.InvariantCulture, out int listening), $"The mail server says '{line}'.");
        return new SmtpServer(process, mails, listening);
    }

    /// <summary>In the order in which they came.</summary>
    public MimeMessage[] Mails =>
        [.. Directory.GetFiles(_folder, "*.eml").Order(StringComparer.Ordinal).Select(f => MimeMessage.Load(f))];

    public async Task<MimeMessage[]> MailsAsync(int count)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Mails.Length >= count));
        return Mails;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
