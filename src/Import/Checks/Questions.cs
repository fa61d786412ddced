using System.Text.RegularExpressions;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>Knows the commands that people write to see whether a service works.</summary>
/// <param name="port">Where nginx listens.</param>
internal sealed partial class Questions(int port)
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash", "ksh"];

    public static bool IsShell(string program) => Shells.Contains(program);

    /// <summary>What the exit status of commands says that are piped into each other.</summary>
    /// <returns>null: it is not known.</returns>
    public Question? OfStatus(IReadOnlyList<CheckCommand> pipeline)
    {
        (CheckCommand first, decimal? limit) = Unwrapped(pipeline[0]);
        CheckCommand[] rest = [.. pipeline.Skip(1)];
        Question? question = Fetch.Read(first) is { } fetch ? OfFetch(fetch, rest)
            : OfListing(first, rest) ?? (OfCommand(first) is { } one ? one.Losing(rest.Select(Piped)) : null);
        return question is null || limit is null ? question : question with { Timeout = question.Timeout ?? limit };
    }

    /// <summary>What it says that commands print anything: with nothing to print, it does not work.</summary>
    public Question? OfPrinted(IReadOnlyList<CheckCommand> pipeline)
    {
        CheckCommand[] listing = [.. pipeline.Where((c, i) => i == 0 || c.Program is not ("awk" or "head"))];
        return listing[0].Program is "pidof" or "pgrep" or "ps" or "ss" or "netstat" or "lsof"
            && listing[^1].Program != "wc" && !Counts(listing[^1]) && !HasHeading(listing)
            ? OfStatus(listing)
            : null;
    }

    /// <summary>What a number says that commands print: with 0, it does not work.</summary>
    public Question? OfCount(IReadOnlyList<CheckCommand> pipeline)
    {
        if (pipeline.Count > 1 && pipeline[^1].Words is ["wc" or "/usr/bin/wc", "-l"])
            return OfPrinted([.. pipeline.SkipLast(1)]);
        return Counts(pipeline[^1]) ? OfStatus(pipeline) : null;
    }

    /// <summary>What it says that commands print a status.</summary>
    /// <param name="pipeline">The commands.</param>
    /// <param name="status">The one that they are to print.</param>
    public static Question? OfPrintedStatus(IReadOnlyList<CheckCommand> pipeline, string status)
    {
        if (StatusPattern.Read(status, isExtended: false) is not { HasGaps: false } expected || status.Length != 3)
            return null;
        (CheckCommand first, _) = Unwrapped(pipeline[0]);
        if (Fetch.Read(first) is not { } fetch)
            return null;
        bool isCut = pipeline.Count > 1 && pipeline.Skip(1).All(c => IsCut(c, fetch))
            && pipeline.Skip(1).Any(c => c.Program is "awk" or "cut");
        return (pipeline.Count == 1 && fetch.PrintsStatusAlone) || (isCut && fetch.PrintsHeaders)
            ? fetch.Ask(expected.Text)
            : null;
    }

    /// <summary>A process that is looked for by its name.</summary>
    public Question OfProcess(string name)
    {
        // "ps | grep [n]ginx" does not find itself.
        string process = Bracketed().Replace(name[(name.LastIndexOf('/') + 1)..], "$1");
        return process is "nginx" or "openresty"
            ? new Question(
                Question.Tcp(port),
                $"Port {port} is asked rather than whether a process is there; an nginx that hangs fails too.")
            { IsExact = false, IsOfProcess = true }
            : new Question(
                new ProbeSpec
                { Process = new ProcessProbeSpec { Name = process.Length <= 15 ? process : process[..15] } },
                $"A process {process} is looked for, which the pod has to share its process namespace for; http or tcp "
                + $"would ask it itself.")
            { IsExact = false, IsOfProcess = true, NeedsDecision = true };
    }

    /// <summary>A file that is there while a service runs.</summary>
    public Question? OfFile(string path) => NginxPidFile().IsMatch(path) ? OfProcess("nginx") : null;

    private static string Piped(CheckCommand command) => $"| {command.Text}";

    private static bool Counts(CheckCommand command) =>
        Grep.Read(command) is { Counts: true } || (command.Program == "pgrep" && command.Words.Contains("-c"));

    // ps -C prints a line even where there is no such process.
    private static bool HasHeading(IReadOnlyList<CheckCommand> pipeline) =>
        pipeline is [{ Program: "ps" } ps] && !ps.Words.Any(
            w => w is "h" or "-h" || w.StartsWith("--no-head", StringComparison.Ordinal)
                || w.EndsWith('='));

    // timeout 2 curl …, exec curl …, sudo -n curl …
    private static (CheckCommand Command, decimal? Limit) Unwrapped(CheckCommand command)
    {
        decimal? limit = null;
        while (command.Words.Count > 1)
        {
            if (command.Program is "exec" or "command" or "sudo" && !command.Words[1].StartsWith('-'))
            {
                command = command with { Words = [.. command.Words.Skip(1)] };
            }
            else if (command.Program == "timeout"
                && Numbers.TryReadSeconds(command.Words[1].TrimEnd('s'), out decimal seconds))
            {
                limit = seconds;
                command = command with { Words = [.. command.Words.Skip(2)] };
            }
            else
            {
                break;
            }
        }

        return (command, limit);
    }

    private static Question OfFetch(Fetch fetch, CheckCommand[] filters)
    {
        if (filters.Length == 0)
            return fetch.Ask();
        if (filters[..^1].All(f => IsCut(f, fetch)) && (fetch.PrintsHeaders || fetch.PrintsStatus)
            && Grep.Read(filters[^1]) is { IsInverted: false, Counts: false } grep
            && (!grep.IsFixed || grep.Pattern.All(char.IsAsciiDigit))
            && StatusPattern.Read(grep.Pattern, grep.IsExtended) is { } pattern)
        {
            Question question = fetch.Ask(pattern.Text);
            if (!fetch.PrintsStatusAlone)
                question = question.Adding("Only the status is looked at.");
            return pattern.HasGaps
                ? question.Adding($"One range cannot have the gaps of \"{grep.Pattern}\".")
                    with { NeedsDecision = true }
                : question;
        }

        // Something is looked for in the answer, which a good status comes nearest to.
        return fetch.Ask(Fetch.GoodStatus, filters.Select(Piped));
    }

    // head -1, awk '{print $2}' and the like leave the status line or the status of it.
    private static bool IsCut(CheckCommand command, Fetch fetch) => fetch.PrintsHeaders && command.Words is
        ["head", "-1"] or ["head", "-n1"] or ["head", "-n", "1"] or ["head", "-n", "1", "-"]
        or ["awk", "{print $2}"] or ["awk", "{ print $2 }"] or ["awk", "NR==1{print $2}"]
        or ["cut", "-d ", "-f2"] or ["cut", "-d", " ", "-f2"] or ["cut", "-d", " ", "-f", "2"]
        or ["cut", "-f2", "-d "] or ["tr", "-d", "\\r"] or ["tr", "-d", "\\r\\n"];

    // ps | grep, ss | grep: a list of what there is, and one that looks for something in it.
    private Question? OfListing(CheckCommand first, CheckCommand[] filters)
    {
        Grep[] greps = [.. filters.Select(Grep.Read).OfType<Grep>()];
        if (filters.Length == 0 || greps.Length < filters.Length || greps.SkipLast(1).Any(g => g.Counts))
            return null;
        if (first.Program == "ps")
        {
            bool leavesOutItself = greps.Any(g => g is { IsInverted: true, Pattern: "grep" })
                || greps.Any(g => Bracketed().IsMatch(g.Pattern));
            Grep[] looked = [.. greps.Where(g => g is not { IsInverted: true, Pattern: "grep" })];
            return leavesOutItself && looked is [{ IsInverted: false } name] && ProcessName().IsMatch(name.Pattern)
                ? OfProcess(name.Pattern)
                : null;
        }

        if (first.Program is not ("ss" or "netstat" or "lsof") || greps.Any(g => g.IsInverted))
            return null;
        Grep[] ports = [.. greps.Where(g => PortPattern().IsMatch(g.Pattern))];
        string[] others = [.. filters.Where(f => Grep.Read(f) is { } g && !ports.Contains(g)
            && g.Pattern is not ("LISTEN" or "tcp" or "nginx")).Select(Piped)];
        return ports is [{ } asked] ? Listening(PortPattern().Match(asked.Pattern))?.Losing(others) : null;
    }

    private Question? OfCommand(CheckCommand command)
    {
        foreach (string input in command.Inputs)
        {
            if (DevTcp().Match(input) is { Success: true } opened
                && command.Program is "" or ":" or "true" or "echo" or "exec" or "printf" or "cat")
                return Connection(opened.Groups["host"].Value, opened.Groups["port"].Value);
        }

        string[] words = [.. command.Words.Skip(1)];
        return command.Program switch
        {
            "nc" or "ncat" or "netcat" => OfNetcat(words),
            "ss" or "netstat" or "lsof" => words.Select(w => OwnPort().Match(w)).FirstOrDefault(m => m.Success) is { } m
                ? Listening(m) : null,
            "pgrep" or "pkill" when words.Contains("-v") || words.Contains("--inverse") => null,
            "killall" or "pkill" => OfSignal(words),
            "pidof" => OfNames(Options.Read(words, "o", "omit-pid"), "-s -x -q -c"),
            "pgrep" => OfNames(Options.Read(words, "uUPGgtsF"), "-x -f -c -l -a -o -n -i -u -U -P --exact --full"),
            "ps" when Array.IndexOf(words, "-C") is >= 0 and var at && at + 1 < words.Length => Process(words[at + 1]),
            "systemctl" => OfSystemctl(words),
            "service" when words is [var name, "status"] => Process(name),
            "nginx" or "openresty" => null,
            "test" or "[" or "[[" => null,
            "kill" when words is ["-0", var id] => OfFile(id),
            _ => words is ["status"] && command.Words[0].Contains("/init.d/", StringComparison.Ordinal)
                ? Process(command.Program) : null,
        };
    }

    private static Question? OfNetcat(string[] words)
    {
        bool hasZero = false;
        decimal? timeout = null;
        List<string> rest = [];
        List<string> lost = [];
        foreach ((string name, string? value) in Options.Read(words, "wGpsiqxX", "wait"))
        {
            if (name.Length == 0)
                rest.Add(value!);
            else if (name == "-z")
                hasZero = true;
            else if (name is "-w" or "--wait" or "-G" && Numbers.TryReadSeconds(value ?? "", out decimal seconds))
                timeout = seconds;
            else if (name == "-u")
                return null;
            else if (name is not ("-v" or "-n" or "-4" or "-6" or "-t"))
                lost.Add(value is null ? name : $"{name} {value}");
        }

        if (!hasZero || rest.Count < 2 || Connection(rest[0], rest[1]) is not { } question)
            return null;
        return question with { Timeout = timeout, Lost = [.. lost, .. rest.Skip(2)] };
    }

    private static Question? Connection(string host, string text) =>
        Fetch.IsOwn(host) && Numbers.TryRead(text, 1, 65535, out long asked)
            ? new Question(Question.Tcp((int)asked), $"It becomes a connection to port {asked}.")
            : null;

    private static Question? Listening(Match match) =>
        Numbers.TryRead(match.Groups["port"].Value, 1, 65535, out long asked)
            ? new Question(
                Question.Tcp((int)asked), $"Port {asked} is asked rather than whether it is listened to.")
            { IsExact = false }
            : null;

    private Question? OfSignal(string[] words)
    {
        string[] rest = [.. words.Where(w => w is not ("-0" or "-s0"))];
        if (rest.Length == words.Length)
        {
            int at = Array.IndexOf(words, "-s");
            if (at < 0 || at + 1 == words.Length || words[at + 1] != "0")
                return null;
            rest = [.. words[..at], .. words[(at + 2)..]];
        }

        return OfNames(Options.Read(rest, "uUPGgt"), "-q -e -x -f -v -u -w -I -o -y --quiet --exact");
    }

    private Question? OfNames(List<(string Name, string? Value)> options, string neutral)
    {
        string[] names = [.. options.Where(o => o.Name.Length == 0).Select(o => o.Value!)];
        IEnumerable<string> lost = options.Where(o => o.Name.Length > 0 && !neutral.Split(' ').Contains(o.Name))
            .Select(o => o.Value is null ? o.Name : $"{o.Name} {o.Value}").Concat(names.Skip(1));
        return names.Length > 0 && Process(names[0]) is { } question ? question.Losing(lost) : null;
    }

    private Question? OfSystemctl(string[] words)
    {
        string[] rest = [.. words.Where(w => w is not ("-q" or "--quiet" or "--no-pager"))];
        return rest is ["is-active" or "status", var name, ..]
            ? Process(name.EndsWith(".service", StringComparison.Ordinal) ? name[..^8] : name)?.Losing(rest.Skip(2))
            : null;
    }

    private Question? Process(string name) => ProcessName().IsMatch(name) ? OfProcess(name) : null;

    [GeneratedRegex(@"^[\w./\[\]-]*\w[\w./\[\]-]*$")]
    private static partial Regex ProcessName();

    [GeneratedRegex(@"\[([A-Za-z])\]")]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"nginx\.pid\b")]
    private static partial Regex NginxPidFile();

    [GeneratedRegex(@"^/dev/tcp/(?<host>[^/\s]+)/(?<port>\d{1,5})$")]
    private static partial Regex DevTcp();

    // :80 with what may stand behind it; 0.0.0.0:80
    [GeneratedRegex(@"^(\S*:)?(?<port>\d{1,5})(\\b|\\>|\$|\s)*$")]
    private static partial Regex PortPattern();

    [GeneratedRegex(@"^(-i(TCP|tcp)?)?:(?<port>\d{1,5})$")]
    private static partial Regex OwnPort();
}
