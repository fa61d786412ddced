using System.Globalization;
using System.Text.RegularExpressions;

namespace VipOperator.Import;

/// <summary>Says which probe stands for a check, and what of the check the probe does not have.</summary>
internal static partial class Recogniser
{
    /// <summary>What the tutorial's check waits for a local restart.</summary>
    private const int CustomaryGraceSeconds = 3;

    private const int MostNamed = 4;
    private const int LongestNamed = 60;

    private static readonly string[] ShellSigns = ["|", "||", "&&", ";", "&", "!"];

    /// <summary>A command of a vrrp_script, as its words.</summary>
    /// <param name="words">The program first.</param>
    /// <param name="port">Where nginx listens.</param>
    /// <param name="script">
    /// The text of the script that is run, where it lies beside the configuration; null: it does not.
    /// </param>
    /// <param name="reason">Why it has no probe, where that is known; null: it has one, or nobody could say.</param>
    /// <returns>null: no probe stands for it.</returns>
    public static Recognition? OfCommand(
        IReadOnlyList<string> words, int port, string? script, out string? reason)
    {
        reason = null;
        string program = NameOf(words[0]);
        if (words[0][0] == '!' || Assignment().IsMatch(words[0]))
        {
            reason = $"keepalived looks for a program \"{words[0]}\", finds none, and runs without this check: put the "
                + $"command into /bin/sh -c '…' if it is meant.";
            return null;
        }

        Questions questions = new(port);
        if (script is not null)
            return OfScript(words, script, port, out reason);
        // keepalived gives only what begins so to a shell.
        if (words[0][0] == '<')
            return Recognise(CheckReading.Of(string.Join(' ', words), questions), [], out reason);
        if (Questions.IsShell(program) && words.Count > 2 && words[1] == "-c")
        {
            return Recognise(CheckReading.Of(words[2], questions), words.Skip(3), out reason)
                ?? (reason is null ? ByName(words, program, port) : null);
        }

        return OfWords(words, program, questions, out reason) ?? (reason is null ? ByName(words, program, port) : null);
    }

    /// <summary>A process that is looked for by its name.</summary>
    public static Recognition OfProcess(string name, int port)
    {
        Question question = new Questions(port).OfProcess(name);
        return new Recognition(question.Target, IsExact: false, question.Sentence, question.NeedsDecision);
    }

    /// <summary>The script that a command runs.</summary>
    /// <returns>null: it runs a program of the system, or none that has a path.</returns>
    public static string? ScriptOf(IReadOnlyList<string> words)
    {
        string? path = words[0];
        if (Questions.IsShell(NameOf(path)))
        {
            path = words.Skip(1).FirstOrDefault(w => !w.StartsWith('-'));
            if (path is not null && words[1] == "-c")
                path = path.Trim();
        }

        return path is not null && path.Contains('/', StringComparison.Ordinal)
            && !path.Contains("bin/", StringComparison.Ordinal) && PlainWord().IsMatch(path) ? path : null;
    }

    /// <summary>A command as a report may show it: passwords, and what may hold one, are for nobody's eyes.</summary>
    public static string WithoutSecrets(string command) => Secret().Replace(command, "$1$2…");

    // keepalived runs a program with its words, and no shell. What only a shell understands was meant for one.
    private static Recognition? OfWords(
        IReadOnlyList<string> words, string program, Questions questions, out string? reason)
    {
        string[] signs = [.. words.SkipWhile(w => !IsForShell(w))];
        string text = string.Join(' ', words.Select(w => IsForShell(w) ? w : Quoted(w)));
        Recognition? found = Recognise(CheckReading.Of(text, questions), [], out reason);
        if (signs.Length == 0)
            return found;
        string without = $"keepalived runs no shell here, so {program} gets {Named(string.Join(' ', signs))} as words: "
            + $"put the command into /bin/sh -c '…' if it is meant.";
        if (reason is not null)
            reason = $"{without} {reason}";
        return found is null ? null : found with
        {
            IsExact = false,
            Sentence = $"{without} {found.Sentence}",
            NeedsDecision = true,
        };
    }

    private static bool IsForShell(string word) =>
        ShellSigns.Contains(word) || Redirect().IsMatch(word)
        || word.Contains("$(", StringComparison.Ordinal) || word.Contains('`', StringComparison.Ordinal);

    private static string Quoted(string word) => PlainWord().IsMatch(word)
        ? word
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static Recognition? OfScript(
        IReadOnlyList<string> words, string script, int port, out string? reason)
    {
        reason = null;
        string program = NameOf(ScriptOf(words) ?? words[0]);
        string code = script.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (code.StartsWith("#!", StringComparison.Ordinal) && !ShellLine().IsMatch(code))
        {
            reason = $"{program} is no shell script, so it was not looked through.";
            return null;
        }

        string commands = string.Join('\n', code.Split('\n').Where(l => !l.TrimStart().StartsWith('#')));
        if (Recognise(CheckReading.Of(code, new Questions(port)), [], out reason) is not { } found)
        {
            if (reason is null && NginxInName().IsMatch(commands))
                return new Recognition(
                    Question.Tcp(port),
                    IsExact: false,
                    $"{program} speaks of nginx, but what it asks could not be told: port {port} is asked.",
                    NeedsDecision: true);
            reason = reason is null ? null : $"{program} was looked through: {reason}";
            return null;
        }

        // A script that starts nginx itself and looks again a while later.
        Match sleep = Sleep().Match(commands);
        int? grace = sleep.Success && StartsNginx().IsMatch(commands)
            ? int.Parse(sleep.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;
        string sentence = $"{program} was looked through: {found.Sentence}";
        if (grace is not null)
            sentence += $" It starts nginx and waits {grace} s; a pod's nginx is started by the kubelet, and "
                + $"restartGrace gives it that time.";
        return found with { IsExact = false, Sentence = sentence, RestartGrace = grace };
    }

    private static Recognition? Recognise(CheckReading reading, IEnumerable<string> more, out string? reason)
    {
        reason = reading.Inverted is null
            ? null
            : "It passes where what it asks gets no good answer, and a probe cannot say that.";
        if (reading.Question is not { } question)
            return null;
        string[] lost = [.. reading.Lost.Concat(more).Distinct(StringComparer.Ordinal)];
        string sentence = question.Sentence;
        if (!reading.IsWhole)
            sentence += " Its other lines were not understood: see that it passes while this does, and what else it "
                + "asks.";
        if (lost.Length > 0)
            sentence += $" Nothing comes of {List(lost)}; see what {(lost.Length == 1 ? "it was" : "they were")} for.";
        return new Recognition(
            question.Target,
            question.IsExact && reading.IsWhole && lost.Length == 0,
            sentence,
            question.NeedsDecision || !reading.IsWhole || lost.Length > 0,
            question.Timeout);
    }

    private static Recognition? ByName(IReadOnlyList<string> words, string program, int port) =>
        NginxInName().IsMatch(string.Join(' ', words.Select(NameOf)))
            ? new Recognition(
                Question.Tcp(port),
                IsExact: false,
                $"What {program} does is not known here (put it beside the file to have it looked through): port "
                + $"{port} is asked, and restartGrace gives nginx {CustomaryGraceSeconds} s to come back.",
                NeedsDecision: true,
                RestartGrace: CustomaryGraceSeconds)
            : null;

    private static string List(string[] pieces)
    {
        string named = string.Join(", ", pieces.Take(MostNamed).Select(Named));
        return pieces.Length > MostNamed ? $"{named} and {pieces.Length - MostNamed} more" : named;
    }

    private static string Named(string piece)
    {
        string line = WithoutSecrets($" {Blanks().Replace(piece, " ")}")[1..];
        return line.Length <= LongestNamed ? $"\"{line}\"" : $"\"{line[..(LongestNamed - 1)]}…\"";
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    [GeneratedRegex("nginx|ngx|openresty", RegexOptions.IgnoreCase)]
    private static partial Regex NginxInName();

    [GeneratedRegex(@"\bsleep\s+(\d{1,3})\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(
        @"(systemctl|service)\b.*\b(re)?start\b|sbin/nginx|init\.d/nginx|^\s*nginx\s*$", RegexOptions.Multiline)]
    private static partial Regex StartsNginx();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^[0-9&]?[<>]|^\|")]
    private static partial Regex Redirect();

    [GeneratedRegex(@"^[\w@%+=:,./-]+$")]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"^#!\s*\S*/(env\s+)?(ba|da|a|k|z)?sh\b")]
    private static partial Regex ShellLine();

    // -u NAME:PASSWORD, --password …, -b NAME=VALUE, "Authorization: …", http://NAME:PASSWORD@…
    [GeneratedRegex(
        """(\s(?:-\w*[uE]|--(?:user|proxy-user|cert))[ =]?(?=[^\s'"]*:)"""
        + """|\s--(?:(?:http-|proxy-)?pass(?:word)?|oauth2-bearer)[ =]|\s(?:-b|--cookie)[ =](?=\S*=)"""
        + """|://(?=[^/\s]*@))['"]?[^\s@"']+|((?:Authorization|Cookie|[\w-]*(?:token|key)):\s*)[^"'\\]+""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
