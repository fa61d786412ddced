using CsCheck;
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
    [InlineData("/bin/sh -c 'ps aux | grep [n]ginx'", "tcp 8080")]
    [InlineData("systemctl is-active --quiet nginx", "tcp 8080")]
    [InlineData("service nginx status", "tcp 8080")]
    [InlineData("/bin/sh -c 'kill -0 $(cat /var/run/nginx.pid)'", "tcp 8080")]
    [InlineData("test -f /run/nginx.pid", "tcp 8080")]
    [InlineData("pidof haproxy", "process haproxy")]
    [InlineData("curl -f http://localhost/", "http 80 / 200-399")]
    [InlineData("curl -fsS http://127.0.0.1:81/health?x=1", "http 81 /health?x=1 200-399")]
    [InlineData("curl -sk https://localhost/a", "https 443 /a 100-599")]
    [InlineData("curl --fail http://[::1]:8081/", "http 8081 / 200-399")]
    [InlineData("wget -q -O /dev/null http://localhost:8080/ok", "http 8080 /ok 200-399")]
    [InlineData("/bin/sh -c \"curl -I http://localhost/ | grep 'HTTP/1.1 200'\"", "http 80 / 200")]
    [InlineData("curl -f -H 'Host: shop.example.org' http://localhost/", "http 80 / 200-399 shop.example.org")]
    [InlineData("curl -f http://www.example.org/up", "http 80 /up 200-399 www.example.org")]
    [InlineData("nc -z 127.0.0.1 443", "tcp 443")]
    [InlineData("/bin/nc -zv -w 2 localhost 80", "tcp 80")]
    [InlineData("nc -w 1 -z localhost 80", "tcp 80")]
    [InlineData("</dev/tcp/127.0.0.1/80", "tcp 80")]
    [InlineData("/bin/bash -c '</dev/tcp/localhost/8443'", "tcp 8443")]
    [InlineData("/bin/sh -c 'ss -lnt | grep -q :80'", "tcp 80")]
    [InlineData("/etc/keepalived/check_nginx.sh", "tcp 8080")]
    [InlineData("/usr/local/bin/chk_ngx 2", "tcp 8080")]
    [InlineData("nc -z 10.0.0.254 443", "-")]
    [InlineData("ping -c 1 10.0.0.254", "-")]
    [InlineData("/etc/keepalived/check.sh", "-")]
    [InlineData("/bin/true", "-")]
    [InlineData("curl", "-")]
    [InlineData("curl http://localhost:99999/", "-")]
    public void Command_IsKnownByWhatItLooksAt(string command, string probe) =>
        Assert.Equal(probe, Text(Of(command)));

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
        Recognition? recognition = OfScript(script);

        Assert.Equal(probe, Text(recognition));
        Assert.Equal(graceSeconds, recognition?.RestartGrace);
    }

    // "=": the probe asks the same; "~": something like it; "!": a person has to look, for something is lost; "-": no
    // probe stands for it, and why.
    [Theory]
    [InlineData("curl -sf http://localhost/", "= http 80 / 200-399")]
    [InlineData("curl -s http://localhost/", "= http 80 / 100-599")]
    [InlineData("curl -sf -X GET -o /dev/null http://localhost/", "= http 80 / 200-399")]
    [InlineData("timeout 2 curl -sf http://localhost/", "= http 80 / 200-399")]
    [InlineData("curl -sf localhost:8080/up", "= http 8080 /up 200-399")]
    [InlineData("curl -skf https://localhost/", "= https 443 / 200-399")]
    [InlineData("curl -sf https://localhost/", "~ https 443 / 200-399", "The certificate is not verified.")]
    [InlineData("curl -sfI http://localhost/", "~ http 80 / 200-399", "It was a HEAD.")]
    [InlineData("curl -sfL http://localhost/", "~ http 80 / 200-399", "curl -L follows a redirect")]
    [InlineData("wget -q --spider http://localhost/", "~ http 80 / 200-399", "wget follows a redirect")]
    [InlineData("curl -sf -X POST http://localhost/", "! http 80 / 200-399", "\"-X POST\"")]
    [InlineData("curl -sf -u me:secret http://localhost/", "! http 80 / 200-399", "\"-u …\"")]
    [InlineData("curl -sf --user=me:secret http://localhost/", "! http 80 / 200-399", "\"--user …\"")]
    [InlineData("curl -sf --unix-socket /run/x http://localhost/", "! http 80 / 200-399", "\"--unix-socket /run/x\"")]
    [InlineData("curl -skf --cert a.pem https://localhost/", "! https 443 / 200-399", "\"--cert a.pem\"")]
    [InlineData("curl -sfu me: http://localhost/", "! http 80 / 200-399", "\"-u …\"")]
    [InlineData("curl -sf -d x=1 http://localhost/", "! http 80 / 200-399", "\"-d x=1\"")]
    [InlineData("curl -sf http://localhost/ http://localhost/b", "! http 80 / 200-399", "\"http://localhost/b\"")]
    [InlineData("curl -sf -H 'Authorization: Bearer abc' http://localhost/", "! http 80 / 200-399",
        "\"-H 'Authorization: …'\"")]
    [InlineData("sh -c 'curl -sf http://localhost/ && curl -su me:abc http://x:y@h/'", "! http 80 / 200-399",
        "\"curl -su … http://…@h/\"")]
    [InlineData("nc -z localhost 80 81", "! tcp 80", "\"81\"")]
    [InlineData("nc -zu localhost 80", "-")]
    [InlineData("killall -0 nginx haproxy", "! tcp 8080", "\"haproxy\"")]
    [InlineData("pgrep -v nginx", "! tcp 8080", "What pgrep does is not known here")]
    [InlineData("sh -c 'curl -sf http://localhost/'", "= http 80 / 200-399")]
    [InlineData("sh -c 'curl -sf http://localhost/ >/dev/null 2>&1 || exit 1'", "= http 80 / 200-399")]
    [InlineData("sh -c 'curl -sf http://localhost/ && exit 0 || exit 1'", "= http 80 / 200-399")]
    [InlineData("sh -c 'curl -sf http://localhost/' again", "! http 80 / 200-399", "\"again\"")]
    [InlineData("sh -c '! curl -sf http://localhost/maintenance'",
        "-", "It passes where what it asks gets no good answer")]
    [InlineData("sh -c 'if curl -sf http://localhost/m; then exit 1; fi'", "-", "It passes where")]
    [InlineData("sh -c 'curl -s http://localhost/health | grep -q UP'",
        "! http 80 /health 200-399", "\"| grep -q UP\"")]
    [InlineData("sh -c 'curl -sI http://localhost/ | grep -q 200'", "~ http 80 / 200", "Only the status is looked at.")]
    [InlineData("sh -c 'curl -s -w %{http_code} http://localhost/ | grep -q 200'",
        "~ http 80 / 200", "Only the status")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -q 200'", "= http 80 / 200")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -q ^[23]'",
        "= http 80 / 200-399")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -qE \"200|201\"'",
        "= http 80 / 200-201")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -qE \"200|301\"'",
        "! http 80 / 200-301", "the gaps of")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -q \"200|301\"'",
        "! http 80 / 200-399", "| grep -q")]
    [InlineData("sh -c 'curl -s -o /dev/null -w %{http_code} http://localhost/ | grep -qv 502'",
        "! http 80 / 200-399", "\"| grep -qv 502\"")]
    [InlineData("sh -c 'curl -s http://localhost/ | grep -q 200'", "! http 80 / 200-399", "\"| grep -q 200\"")]
    [InlineData("sh -c '[ $(curl -s -o /dev/null -w %{http_code} http://localhost/) -eq 204 ]'", "= http 80 / 204")]
    [InlineData("sh -c '[ 204 = \"$(curl -s -o /dev/null -w %{http_code} http://localhost/)\" ]'", "= http 80 / 204")]
    [InlineData("sh -c '[ $(curl -s -o /dev/null -w %{http_code} http://localhost/) -ne 502 ]'",
        "-", "It passes where")]
    [InlineData("sh -c '[ $(curl -s -o /dev/null -w %{http_code} http://localhost/) -lt 500 ]'", "-")]
    [InlineData("sh -c 'curl -sf http://localhost/ && test ! -f /maint'",
        "! http 80 / 200-399", "\"test ! -f /maint\"")]
    [InlineData("sh -c 'curl -sf http://localhost/a && curl -sf http://localhost/b'", "! http 80 /a 200-399",
        "\"curl -sf http://localhost/b\"")]
    [InlineData("sh -c 'curl -sf http://localhost/a || curl -sf http://localhost/b'", "! http 80 /a 200-399",
        "\"curl -sf http://localhost/b\"")]
    [InlineData("sh -c 'pidof nginx && curl -sf http://localhost/a'", "! http 80 /a 200-399", "\"pidof nginx\"")]
    [InlineData("sh -c '/opt/prepare; curl -sf http://localhost/a'", "! http 80 /a 200-399", "\"/opt/prepare\"")]
    [InlineData("sh -c 'for i in 1 2; do curl -sf http://localhost/ && exit 0; done; exit 1'", "! http 80 / 200-399",
        "were not understood")]
    [InlineData("sh -c 'ss -lnt | grep :80 | grep -v 127'", "-")]
    [InlineData("sh -c 'killall -0 nginx || exit 1'", "~ tcp 8080")]
    [InlineData("sh -c '[ -n \"$(pidof nginx)\" ]'", "~ tcp 8080")]
    [InlineData("sh -c '[ \"$(pgrep -c nginx)\" -gt 0 ]'", "~ tcp 8080")]
    [InlineData("sh -c '[ -z \"$(pidof nginx)\" ]'", "-", "It passes where")]
    [InlineData("! curl -sf http://localhost/maintenance", "-", "runs without this check")]
    [InlineData("!/usr/bin/curl -sf http://localhost/maintenance", "-", "runs without this check")]
    [InlineData("URL=x curl -sf http://localhost/", "-", "runs without this check")]
    [InlineData("curl -s http://localhost/health | grep -q UP", "! http 80 /health 200-399",
        "so curl gets \"| grep -q UP\" as words")]
    [InlineData("curl -sf http://localhost/ > /dev/null 2>&1", "! http 80 / 200-399",
        "so curl gets \"> /dev/null 2>&1\" as words")]
    [InlineData("killall -0 nginx || exit 1", "! tcp 8080", "so killall gets \"|| exit 1\" as words")]
    [InlineData("curl -sf 'http://localhost/?a=1&b=2'", "= http 80 /?a=1&b=2 200-399")]
    public void Command_IsExactOnlyWhereNothingIsLost(string command, string verdict, string said = "")
    {
        Recognition? recognition = Recogniser.OfCommand(
            Words.SplitCommand(command, resolves: true)!, Port, script: null, out string? reason);

        Assert.Equal(verdict, Verdict(recognition));
        Assert.Contains(said, recognition?.Sentence ?? reason ?? "", StringComparison.Ordinal);
    }

    private const string Maintenance =
        """
        #!/bin/sh
        [ -f /etc/maintenance ] && exit 1
        code=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/up)
        if [ "$code" != 200 ]; then
            exit 1
        fi
        curl -s http://127.0.0.1:8081/ | grep -vq "502 Bad Gateway" || exit 1
        exit 0
        """;

    private const string Counter =
        """
        #!/bin/bash
        counter=$(ps -C nginx --no-heading|wc -l)
        if [ "${counter}" = "0" ]; then
            systemctl start nginx
            sleep 2
            counter=$(ps -C nginx --no-heading|wc -l)
            if [ "${counter}" = "0" ]; then
                systemctl stop keepalived
            fi
        fi
        """;

    [Theory]
    [InlineData(Maintenance, "! http 80 /up 200",
        "of \"[ -f /etc/maintenance ]\", \"curl -s http://127.0.0.1:8081/ | grep -vq \"502 Bad Gateway\"\"; see what")]
    [InlineData(Counter, "~ tcp 8080", "It starts nginx and waits 2 s")]
    [InlineData("curl -sf http://localhost/\nif [ $? -ne 0 ]; then exit 1; fi\nexit 0", "~ http 80 / 200-399")]
    [InlineData("curl -sf http://localhost/\nexit $?", "~ http 80 / 200-399")]
    [InlineData("URL=http://localhost:81/x\ncurl -sf \"$URL\"", "~ http 81 /x 200-399")]
    [InlineData("set -e\nnc -z localhost 80\ncurl -sf http://localhost/", "! tcp 80", "\"curl -sf http://localhost/\"")]
    [InlineData("set -e\nif ! nc -z localhost 80; then\n  exit 2\nfi\necho fine", "~ tcp 80")]
    [InlineData("nc -z localhost 80\necho fine", "-")]
    [InlineData("if curl -sf http://localhost/maintenance; then\n  exit 1\nfi\nexit 0", "-", "It passes where")]
    [InlineData("curl -sf http://localhost/ || mail -s down root\nexit 0", "-")]
    [InlineData("if pidof nginx; then exit 0; else exit 1; fi", "~ tcp 8080")]
    [InlineData("if pidof nginx; then exit 0; elif pidof apache2; then exit 0; else exit 1; fi", "! tcp 8080",
        "\"pidof apache2\"")]
    [InlineData("pidof nginx && logger up && exit 0\nexit 1", "~ tcp 8080")]
    [InlineData("check() {\n  curl -sf http://localhost/\n}\ncheck", "! http 80 / 200-399", "were not understood")]
    [InlineData("n=$(ps -ef | grep nginx | egrep -cv \"grep|$$\")\n[ $n -eq 0 ] && exit 1\nexit 0", "! tcp 8080",
        "what it asks could not be told")]
    [InlineData("#!/usr/bin/python3\nprint('curl http://localhost/')", "-", "is no shell script")]
    [InlineData("(echo > /dev/tcp/127.0.0.1/80) >/dev/null 2>&1 || exit 1", "~ tcp 80")]
    public void Script_IsReadAsAWhole(string script, string verdict, string said = "")
    {
        Recognition? recognition = Recogniser.OfCommand(
            ["/etc/keepalived/check.sh"], Port, script, out string? reason);

        Assert.Equal(verdict, Verdict(recognition));
        Assert.Contains(said, recognition?.Sentence ?? reason ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void AnyScript_IsReadOrLeft() => Gen.OneOf<string>(
        "if ", "then ", "fi\n", "else ", "elif ", "! ", "| ", "|| ", "&& ", "; ", "\n", "( ", ") ", "{ ", "} ", "$(",
        "`", "\"", "'", "\\", "$x ", "x=", "[ ", "] ", "-eq ", "0 ", "200 ", "curl ", "-w ", "-f ", "grep ", "-v ",
        "http://localhost/ ", "wc -l ", "exit ", "set -e\n", "nc -z localhost 80 ", "pidof nginx ", "> ", "2>&1 ",
        "</dev/tcp/::1/1 ", "#")
        .Array[0, 25].Sample(
            parts => _ = Recogniser.OfCommand(["/etc/check.sh"], Port, string.Concat(parts), out _), iter: 5000);

    private static string Verdict(Recognition? recognition) =>
        recognition is null ? "-"
        : (recognition.NeedsDecision ? "! " : recognition.IsExact ? "= " : "~ ") + Text(recognition);

    [Theory]
    [InlineData("curl -m 2 http://localhost/", "2")]
    [InlineData("curl --max-time 1.5 http://localhost/", "1.5")]
    [InlineData("curl --connect-timeout=3 http://localhost/", "3")]
    [InlineData("wget -T 4 http://localhost/", "4")]
    [InlineData("nc -z -w2 localhost 80", "2")]
    [InlineData("curl http://localhost/m/2", null)]
    public void Timeout_OfTheCommand_Counts(string command, string? seconds) => Assert.Equal(
        seconds, Of(command)!.Timeout?.ToString(
            System.Globalization.CultureInfo.InvariantCulture));

    private static Recognition? Of(string command) => Recogniser.OfCommand(
        Words.SplitCommand(command, resolves: true)!, Port, script: null, out _);

    private static Recognition? OfScript(string script) => Recogniser.OfCommand(
        ["/etc/keepalived/check_nginx.sh"], Port, script, out _);

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
