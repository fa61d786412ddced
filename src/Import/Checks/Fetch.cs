using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>A curl or wget that asks one URL.</summary>
internal sealed partial class Fetch
{
    /// <summary>What curl, told no more, is content with.</summary>
    public const string AnyStatus = "100-599";

    public const string GoodStatus = "200-399";

    /// <summary>Options that change nothing of what is asked, or of what counts as an answer.</summary>
    private const string CurlNeutral =
        " -s -S -v -g -# -N -q -4 -6 -0 --silent --show-error --verbose --globoff --no-progress-meter --progress-bar "
        + "--no-buffer --disable --ipv4 --ipv6 --http1.0 --http1.1 --stderr --noproxy ";

    private const string WgetNeutral =
        " -q -v -d -O -o -t -4 -6 --quiet --no-verbose --verbose --output-document --output-file --tries --no-proxy "
        + "--inet4-only --inet6-only ";

    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0"];

    private readonly List<string> _lost = [];
    private HttpProbeSpec _http = new();
    private string _host = "";
    private decimal? _timeout;
    private decimal? _connectTimeout;
    private string? _format;
    private bool _isCurl;
    private bool _fails;
    private bool _follows;
    private bool _isHead;
    private bool _trusts;

    private Fetch()
    {
    }

    /// <summary>It prints the lines before the body, the status first.</summary>
    public bool PrintsHeaders { get; private set; }

    /// <summary>It prints the status among other things.</summary>
    public bool PrintsStatus => _format is not null
        && (_format.Contains("%{http_code}", StringComparison.Ordinal)
            || _format.Contains("%{response_code}", StringComparison.Ordinal));

    /// <summary>It prints the status and nothing else.</summary>
    public bool PrintsStatusAlone => PrintsStatus && DropsBody && !PrintsHeaders
        && _format!.Replace("\\n", "", StringComparison.Ordinal).Trim() is "%{http_code}" or "%{response_code}";

    private bool DropsBody { get; set; }

    /// <returns>null: it is another program, or asks no URL of one's own that can be told.</returns>
    public static Fetch? Read(CheckCommand command)
    {
        Fetch fetch = new() { _isCurl = command.Program == "curl" };
        if (!fetch._isCurl && command.Program != "wget")
            return null;
        bool hasUrl = false;
        foreach ((string name, string? value) in fetch.OptionsOf(command))
        {
            if (name.Length > 0 && name != "--url")
                fetch.TakeOption(name, value);
            else if (!hasUrl && fetch.TryTakeUrl(value ?? ""))
                hasUrl = true;
            else
                fetch._lost.Add(value ?? name);
        }

        fetch._lost.AddRange(command.Inputs.Select(i => $"<{i}"));
        return hasUrl && fetch._http.Path.Length <= 1024 && HostForm().IsMatch(fetch._http.Host) ? fetch : null;
    }

    public static bool IsOwn(string host) => host.Length == 0 || OwnHosts.Contains(host);

    /// <summary>As a question.</summary>
    /// <param name="status">What is expected; null: what the program is content with.</param>
    /// <param name="lost">What it was asked besides.</param>
    public Question Ask(string? status = null, IEnumerable<string>? lost = null)
    {
        string expected = status ?? (_isCurl && !_fails ? AnyStatus : GoodStatus);
        bool isOwn = IsOwn(_host);
        string host = _http.Host.Length > 0 || isOwn ? _http.Host : _host;
        HttpProbeSpec http = _http with { Host = host, ExpectedStatus = expected };
        string sentence = isOwn
            ? $"It becomes a GET of {http.Path} at port {http.Port}, with status {expected}."
            : $"It becomes a GET of {http.Path} at port {http.Port} with Host {_host}: the node itself is asked, not "
                + $"{_host}; see that it is nginx that is meant.";
        string[] notes = [.. Notes(status is not null)];
        return new Question(new ProbeSpec { Http = http }, string.Join(' ', notes.Prepend(sentence)))
        {
            IsExact = isOwn && notes.Length == 0,
            NeedsDecision = !isOwn,
            Timeout = _timeout ?? _connectTimeout,
            // Where a redirect is followed, the status is that of its end.
            Lost = [.. _lost, .. _follows && status is not null ? ["-L"] : Array.Empty<string>(), .. lost ?? []],
        };
    }

    private List<(string Name, string? Value)> OptionsOf(CheckCommand command) => _isCurl
        ? Options.Read(
            command.Words.Skip(1), "oHmwXAuebdTcxErKFQCtyYzDPU", "output", "header", "max-time", "connect-timeout",
            "write-out", "request", "user-agent", "user", "referer", "cookie", "data", "data-raw", "data-binary",
            "cookie-jar", "proxy", "cert", "key", "cacert", "capath", "interface", "unix-socket", "resolve", "retry",
            "retry-delay", "retry-max-time", "connect-to", "url", "noproxy", "stderr", "max-redirs", "config", "form")
        // -nv is one option, not two.
        : Options.Read(
            command.Words.Skip(1).Select(w => w == "-nv" ? "--no-verbose" : w), "OoTteUQwPaBAI",
            "output-document", "output-file", "timeout", "connect-timeout", "read-timeout", "tries", "header",
            "user-agent", "user", "password", "bind-address", "ca-certificate", "certificate", "post-data", "method");

    private void TakeOption(string name, string? value)
    {
        switch (name)
        {
            case "-H" or "--header" when value is not null && HostHeader().Match(value) is { Success: true } host:
                _http = _http with { Host = host.Groups[1].Value };
                return;
            case "-f" or "--fail" or "--fail-with-body" when _isCurl:
                _fails = true;
                return;
            case "-L" or "--location" when _isCurl:
                _follows = true;
                return;
            case "-X" or "--request" when _isCurl && value == "GET":
                return;
            case "-I" or "--head" when _isCurl:
                PrintsHeaders = DropsBody = _isHead = true;
                return;
            case "--spider" when !_isCurl:
                _isHead = true;
                return;
            case "-i" or "--include" when _isCurl:
            case "-S" or "--server-response" when !_isCurl:
                PrintsHeaders = true;
                return;
            case "-o" or "--output" when _isCurl:
                DropsBody = value is not "-";
                return;
            case "-w" or "--write-out" when _isCurl:
                _format = value;
                return;
            case "-k" or "--insecure" when _isCurl:
            case "--no-check-certificate" when !_isCurl:
                _trusts = true;
                return;
            case "--connect-timeout":
                _connectTimeout = Seconds(value);
                return;
            case "-m" or "--max-time" when _isCurl:
            case "-T" or "--timeout" or "--read-timeout" when !_isCurl:
                _timeout = Seconds(value);
                return;
            default:
                if (!(_isCurl ? CurlNeutral : WgetNeutral).Contains($" {name} ", StringComparison.Ordinal))
                    _lost.Add(value is null ? name : value.Contains(' ') ? $"{name} '{value}'" : $"{name} {value}");
                return;
        }
    }

    private static decimal? Seconds(string? value) =>
        Numbers.TryReadSeconds(value ?? "", out decimal seconds) ? seconds : null;

    private bool TryTakeUrl(string text)
    {
        if (Url().Match(text) is not { Success: true } url)
            return false;
        bool isSecure = url.Groups["scheme"].Value == "https";
        int port = url.Groups["port"].Success
            ? int.Parse(url.Groups["port"].Value, CultureInfo.InvariantCulture) : isSecure ? 443 : 80;
        _host = url.Groups["host"].Value;
        // Any word could be a host's name.
        if (port is < 1 or > 65535 || (!url.Groups["scheme"].Success && !IsOwn(_host)))
            return false;
        _http = _http with
        {
            Scheme = isSecure ? ProbeScheme.HTTPS : ProbeScheme.HTTP,
            Port = port,
            Path = url.Groups["path"].Value is { Length: > 0 } path ? path : "/",
        };
        return true;
    }

    private IEnumerable<string> Notes(bool hasStatus)
    {
        if (_isHead)
            yield return "It was a HEAD.";
        if (_http.Scheme == ProbeScheme.HTTPS && !_trusts)
            yield return "The certificate is not verified.";
        if ((_follows || !_isCurl) && !hasStatus && (_fails || !_isCurl))
            yield return $"{(_isCurl ? "curl -L" : "wget")} follows a redirect, which the probe takes as good.";
    }

    [GeneratedRegex(
        @"^((?<scheme>https?)://)?(?<host>\[[0-9A-Fa-f:]+\]|[-A-Za-z0-9._]+)(:(?<port>\d{1,5}))?"
        + @"(?<path>/[^\s#$`]*)?(#.*)?$")]
    private static partial Regex Url();

    [GeneratedRegex(@"^Host:\s*(\S+)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex HostHeader();

    [GeneratedRegex(@"^[-A-Za-z0-9._:\[\]]*$")]
    private static partial Regex HostForm();
}
