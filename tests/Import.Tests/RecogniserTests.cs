using VipOperator.Api;

namespace VipOperator.Import.Tests;

public sealed class RecogniserTests
{
    private const int Port = 8080;

    [Theory]
    [InlineData("killall -0 nginx", "tcp 8080")]
    [InlineData("/usr/bin/killall -0 nginx", "tcp 8080")]
    [InlineData("/usr/bin/pkill -0 -x nginx", "tcp 8080")]
    [InlineData("pidof nginx", "tcp 8080")]
    [InlineData("/sbin/pidof /usr/sbin/nginx", "tcp 8080")]
    [InlineData("pgrep -x nginx", "tcp 8080")]
    [InlineData("ps -C nginx", "tcp 8080")]
    [InlineData("/bin/sh -c 'ps -ef | grep nginx | grep -v grep'", "tcp 8080")]
    [InlineData("/bin/sh -c ps aux | grep [n]ginx", "tcp 8080")]
    [InlineData("systemctl is-active --quiet nginx", "tcp 8080")]
    [InlineData("service nginx status", "tcp 8080")]
    [InlineData("/bin/sh -c kill -0 $(cat /var/run/nginx.pid)", "tcp 8080")]
    [InlineData("test -f /run/nginx.pid", "tcp 8080")]
    [InlineData("pidof haproxy", "process haproxy")]
    [InlineData("curl -f http://localhost/", "http 80 / 200-399")]
    [InlineData("curl -fsS http://127.0.0.1:81/health?x=1", "http 81 /health?x=1 200-399")]
    [InlineData("curl -sk https://localhost/a", "https 443 /a 100-599")]
    [InlineData("curl --fail http://[::1]:8081/", "http 8081 / 200-399")]
    [InlineData("wget -q -O /dev/null http://localhost:8080/ok", "http 8080 /ok 200-399")]
    [InlineData("/bin/sh -c curl -I http://localhost/ | grep 'HTTP/1.1 200'", "http 80 / 200")]
    [InlineData("curl -f -H 'Host: shop.example.org' http://localhost/", "http 80 / 200-399 shop.example.org")]
    [InlineData("curl -f http://www.example.org/up", "http 80 /up 200-399 www.example.org")]
    [InlineData("nc -z 127.0.0.1 443", "tcp 443")]
    [InlineData("/bin/nc -zv -w 2 localhost 80", "tcp 80")]
    [InlineData("nc -w 1 -z localhost 80", "tcp 80")]
    [InlineData("</dev/tcp/127.0.0.1/80", "tcp 80")]
    [InlineData("/bin/bash -c </dev/tcp/localhost/8443", "tcp 8443")]
    [InlineData("/bin/sh -c ss -lnt | grep -q :80 ", "tcp 80")]
    [InlineData("/etc/keepalived/check_nginx.sh", "tcp 8080")]
    [InlineData("/usr/local/bin/chk_ngx 2", "tcp 8080")]
    [InlineData("nc -z 10.0.0.254 443", "-")]
    [InlineData("ping -c 1 10.0.0.254", "-")]
    [InlineData("/etc/keepalived/check.sh", "-")]
    [InlineData("/bin/true", "-")]
    [InlineData("curl", "-")]
    [InlineData("curl http://localhost:99999/", "-")]
    public void Command_IsKnownByWhatItLooksAt(string command, string probe) =>
        Assert.Equal(probe, Text(Recogniser.OfCommand(command.Split(' '), Port, script: null)));

    [Theory]
    [InlineData("killall -0 nginx || exit 1", "tcp 8080", null)]
    [InlineData(
        "#!/bin/sh\n# curl http://localhost/old\ncurl -fs -m 3 http://localhost/new", "http 80 /new 200-399", null)]
    [InlineData(
        "if ! pidof nginx; then\n systemctl restart nginx\n sleep 5\n pidof nginx || systemctl stop keepalived\nfi",
        "tcp 8080", 5)]
    [InlineData("if ! pidof nginx; then\n sleep 5\n pidof nginx || exit 1\nfi", "tcp 8080", null)]
    [InlineData("exit 0", "-", null)]
    public void Script_BesideTheFile_IsLookedThrough(string script, string probe, int? graceSeconds)
    {
        Recognition? recognition = Recogniser.OfCommand(["/etc/keepalived/check_nginx.sh"], Port, script);

        Assert.Equal(probe, Text(recognition));
        Assert.Equal(graceSeconds, recognition?.RestartGrace);
    }

    [Theory]
    [InlineData("curl -m 2 http://localhost/", "2")]
    [InlineData("curl --max-time 1.5 http://localhost/", "1.5")]
    [InlineData("curl --connect-timeout=3 http://localhost/", "3")]
    [InlineData("wget -T 4 http://localhost/", "4")]
    [InlineData("nc -z -w2 localhost 80", "2")]
    [InlineData("curl http://localhost/m/2", null)]
    public void Timeout_OfTheCommand_Counts(string command, string? seconds) => Assert.Equal(
        seconds, Recogniser.OfCommand(command.Split(' '), Port, script: null)!.Timeout?.ToString(
            System.Globalization.CultureInfo.InvariantCulture));

    private static string Text(Recognition? recognition) => recognition?.Target switch
    {
        null => "-",
        { Tcp: { } tcp } => $"tcp {tcp.Port}",
        { Process: { } process } => $"process {process.Name}",
        { Http: { } http } =>
            $"{(http.Scheme == ProbeScheme.HTTP ? "http" : "https")} {http.Port} {http.Path} "
            + $"{http.ExpectedStatus} {http.Host}".TrimEnd(),
        _ => "nothing",
    };
}
