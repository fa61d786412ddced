using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>
/// Knows the commands that people write to see whether a service works, and finds them in scripts too.
/// </summary>
internal static partial class Recogniser
{
    /// <summary>What the tutorial's check waits for a local restart.</summary>
    private const int CustomaryGraceSeconds = 3;

    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0"];

    /// <summary>A command of a vrrp_script, as its words.</summary>
    /// <param name="words">The program first.</param>
    /// <param name="port">Where nginx listens.</param>
    /// <param name="script">
    /// The text of a script of that name, where it lies beside the configuration; null: it does not.
    /// </param>
    /// <returns>null: nobody could say what it looks at.</returns>
    public static Recognition? OfCommand(IReadOnlyList<string> words, int port, string? script)
    {
        string line = string.Join(' ', words);
        if (OfText(line, port) is { } recognition)
            return recognition;
        string program = words[0][(words[0].LastIndexOf('/') + 1)..];
        if (script is not null)
            return OfScript(program, script, port);
        string named = string.Join(' ', words.Select(w => w[(w.LastIndexOf('/') + 1)..]));
        return NginxInName().IsMatch(named)
            ? new Recognition(
                Tcp(port),
                IsExact: false,
                $"What {program} does is not known here (put it beside the file to have it looked through): port "
                + $"{port} is asked, and restartGrace gives nginx {CustomaryGraceSeconds} s to come back.",
                NeedsDecision: true,
                RestartGrace: CustomaryGraceSeconds)
            : null;
    }

    /// <summary>A process that is looked for by its name.</summary>
    public static Recognition OfProcess(string name, int port)
    {
        // "ps | grep [n]ginx" does not find itself.
        string process = name[(name.LastIndexOf('/') + 1)..].Replace("[n]", "n", StringComparison.Ordinal);
        return process is "nginx" or "openresty"
            ? new Recognition(
                Tcp(port), IsExact: false,
                $"Port {port} is asked rather than whether a process is there; an nginx that hangs fails too.")
            : new Recognition(
                new ProbeSpec
                { Process = new ProcessProbeSpec { Name = process.Length <= 15 ? process : process[..15] } },
                IsExact: false,
                $"A process {process} is looked for, which the pod has to share its process namespace for; http or tcp "
                + $"would ask it itself.",
                NeedsDecision: true);
    }

    private static Recognition? OfScript(string program, string script, int port)
    {
        string code = string.Join('\n', script.Split('\n').Where(l => !l.TrimStart().StartsWith('#')));
        if (code.Split('\n').Select(l => OfText(l, port)).FirstOrDefault(r => r is not null) is not { } found)
            return null;
        // A script that starts nginx itself and looks again a while later.
        Match sleep = Sleep().Match(code);
        int? grace = sleep.Success && StartsNginx().IsMatch(code)
            ? int.Parse(sleep.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;
        string sentence = $"{program} was looked through: {found.Sentence}";
        if (grace is not null)
            sentence += $" It starts nginx and waits {grace} s; a pod's nginx is started by the kubelet, and "
                + $"restartGrace gives it that time.";
        return found with { IsExact = false, Sentence = sentence, RestartGrace = grace };
    }

    private static Recognition? OfText(string line, int port)
    {
        if (Fetch().IsMatch(line) && Url().Match(line) is { Success: true } url)
            return OfUrl(line, url);
        if (Connect().Match(line) is { Success: true } connect)
        {
            string host = connect.Groups["host"].Value;
            int asked = int.Parse(connect.Groups["port"].Value, CultureInfo.InvariantCulture);
            return IsOwn(host) && asked is >= 1 and <= 65535
                ? new Recognition(Tcp(asked), IsExact: true, $"It becomes a connection to port {asked}.",
                    Timeout: Seconds(ConnectTimeout().Match(line)))
                : null;
        }

        if (Listening().Match(line) is { Success: true } listening)
        {
            int asked = int.Parse(listening.Groups["port"].Value, CultureInfo.InvariantCulture);
            return asked is >= 1 and <= 65535
                ? new Recognition(
                    Tcp(asked), IsExact: false, $"Port {asked} is asked rather than whether it is listened to.")
                : null;
        }

        return LookForProcess().Match(line) is { Success: true } process ? OfProcess(process.Groups["name"].Value, port)
            : NginxPidFile().IsMatch(line) ? OfProcess("nginx", port)
            : null;
    }

    private static Recognition? OfUrl(string line, Match url)
    {
        string host = url.Groups["host"].Value;
        HttpProbeSpec http = new()
        {
            Scheme = url.Groups["scheme"].Value == "https" ? ProbeScheme.HTTPS : ProbeScheme.HTTP,
            Port = url.Groups["port"].Success
                ? int.Parse(url.Groups["port"].Value, CultureInfo.InvariantCulture)
                : url.Groups["scheme"].Value == "https" ? 443 : 80,
            Path = url.Groups["path"].Value is { Length: > 0 } path && path[0] == '/' ? path : "/",
            Host = HostHeader().Match(line) is { Success: true } header ? header.Groups["host"].Value : "",
            ExpectedStatus = ExpectedStatus(line),
        };
        if (http.Port is < 1 or > 65535 || !HostForm().IsMatch(http.Host) || http.Path.Length > 1024)
            return null;
        decimal? timeout = Seconds(FetchTimeout().Match(line));
        string asked = $"It becomes a GET of {http.Path} at port {http.Port}";
        if (IsOwn(host))
            return new Recognition(new ProbeSpec { Http = http }, IsExact: true,
                $"{asked}, with status {http.ExpectedStatus}.", Timeout: timeout);
        return new Recognition(
            new ProbeSpec { Http = http with { Host = http.Host.Length > 0 ? http.Host : host } },
            IsExact: false,
            $"{asked} with Host {host}: the node itself is asked, not {host}; see that it is nginx that is meant.",
            NeedsDecision: true,
            Timeout: timeout);
    }

    // curl ends well with any status unless -f is given; wget only with one of success.
    private static string ExpectedStatus(string line) =>
        GrepStatus().Match(line) is { Success: true } grep ? grep.Groups[1].Value
        : line.Contains("curl", StringComparison.Ordinal) && !CurlFails().IsMatch(line) ? "100-599"
        : "200-399";

    private static decimal? Seconds(Match match) =>
        match.Success && Numbers.TryReadSeconds(match.Groups[1].Value, out decimal seconds) ? seconds : null;

    private static bool IsOwn(string host) => host.Length == 0 || OwnHosts.Contains(host);

    private static ProbeSpec Tcp(int port) => new() { Tcp = new TcpProbeSpec { Port = port } };

    [GeneratedRegex(@"\b(curl|wget)\b")]
    private static partial Regex Fetch();

    [GeneratedRegex("""(?<scheme>https?)://(?<host>\[[0-9A-Fa-f:]+\]|[-A-Za-z0-9._]+)(:(?<port>\d{1,5}))?(?<path>/[^\s"'|;>)`]*)?""")]
    private static partial Regex Url();

    // nc -z HOST PORT with any other options; bash's /dev/tcp/HOST/PORT.
    [GeneratedRegex(
        @"\b(nc|ncat|netcat)\b(?=.*\s-\w*z)(\s+-\w+(\s+\d+(?=\s+(-|\S+\s+\d)))?)*\s+(?<host>[^\s-]\S*)\s+(?<port>\d{1,5})\b"
        + @"|/dev/tcp/(?<host>[^/\s]+)/(?<port>\d{1,5})\b")]
    private static partial Regex Connect();

    [GeneratedRegex(@"\b(ss|netstat|lsof)\b.*[:\s](?<port>\d{1,5})\b")]
    private static partial Regex Listening();

    [GeneratedRegex(
        @"\b(killall\s+(-\w+\s+)*-0|killall\s+-s\s*0|pkill\s+-0|pidof|pgrep|ps\b[^|]*-C)\s+((-\w+|--[\w-]+)\s+)*[""']?(?<name>[\w./-]+)"
        + @"|\bsystemctl\s+(-q\s+|--quiet\s+)?(is-active|status)\s+(-q\s+|--quiet\s+)?(?<name>[\w-]+)"
        + @"|\bservice\s+(?<name>[\w-]+)\s+status"
        + @"|\bps\b.*grep\s+(-\w+\s+)*[""']?(?<name>\[n\]ginx|nginx)")]
    private static partial Regex LookForProcess();

    [GeneratedRegex(@"nginx\.pid\b")]
    private static partial Regex NginxPidFile();

    [GeneratedRegex("nginx|ngx|openresty", RegexOptions.IgnoreCase)]
    private static partial Regex NginxInName();

    [GeneratedRegex(@"\bsleep\s+(\d{1,3})\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(
        @"(systemctl|service)\b.*\b(re)?start\b|sbin/nginx|init\.d/nginx|^\s*nginx\s*$", RegexOptions.Multiline)]
    private static partial Regex StartsNginx();

    [GeneratedRegex("""(-H|--header)[ =]*["']?[Hh]ost:\s*(?<host>[^"'\s]+)""")]
    private static partial Regex HostHeader();

    [GeneratedRegex(@"^[-A-Za-z0-9._:\[\]]*$")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"(?:-m|--max-time|--connect-timeout|--timeout|-T)[ =]?(\d+(?:\.\d+)?)\b")]
    private static partial Regex FetchTimeout();

    [GeneratedRegex(@"\s-w\s*(\d+)\b")]
    private static partial Regex ConnectTimeout();

    [GeneratedRegex(@"grep\s+(?:-\w+\s+)*[""']?(?:HTTP/\S+\s+)?([1-5]\d\d)\b")]
    private static partial Regex GrepStatus();

    [GeneratedRegex(@"\s(-[a-zA-Z]*f[a-zA-Z]*|--fail)\b")]
    private static partial Regex CurlFails();
}
