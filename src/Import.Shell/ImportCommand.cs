using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace VipOperator.Import.Shell;

/// <summary>
/// <c>vip-operator import-keepalived</c> and <c>kubectl vip import</c>: files in, manifests and a report out. It speaks
/// to no API server.
/// </summary>
internal sealed partial class ImportCommand : Command
{
    public const int ExitDecisions = 1;
    public const int ExitBadInput = 2;

    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "The keepalived.conf of each host, as FILE or, to say which node the host is, NODE=FILE.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The folder to write the manifests into, a file each. By default they are printed.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "The file to write the report into. By default it goes to standard error.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _namespace =
        new("--namespace", "-n") { Description = "The namespace that the manifests name. By default none." };

    private readonly Option<Dictionary<string, string>> _selector;
    private readonly Option<Dictionary<string, string>> _names;
    private readonly Option<Dictionary<string, string>> _configurationIds;
    private readonly Option<int> _checkPort;

    private readonly Option<ImportStep> _step = new("--step")
    {
        Description = "final (the default): for when keepalived is gone; join: the members rank behind a keepalived "
            + "that runs; take-over: before it.",
        HelpName = "final|join|take-over",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => result.Tokens[^1].Value switch
        {
            "final" => ImportStep.Final,
            "join" => ImportStep.Join,
            "take-over" => ImportStep.TakeOver,
            _ => Refuse<ImportStep>(result, "--step is final, join or take-over."),
        },
    };

    /// <param name="name">What the program calls it.</param>
    public ImportCommand(string name)
        : base(
            name,
            "Turns keepalived.conf files into VirtualIPs, and reports what became of each line. Give the files of all "
            + "hosts of a pair or group together. Exit codes: 0, all is said; 1, manifests are written, but lines "
            + "marked ! in the report wait for a decision; 2, the input is wrong and nothing is written.")
    {
        _selector = Pairs(
            "--selector", "Labels of the pods that take part, KEY=VALUE[,KEY=VALUE…]; by default app=nginx.",
            Label(), "a label KEY=VALUE");
        _names = Pairs("--name", "The name of the VirtualIP of a vrrp_instance or vrrp_sync_group, INSTANCE=NAME; may be repeated.", VirtualIPName(), "INSTANCE=NAME");
        _configurationIds = Pairs(
            "--config-id",
            "What keepalived on a node compares conditions (@id) with, its -i, NODE=ID; by default the node's name "
            + "to the first dot.",
            AnyPair(),
            "NODE=ID");
        _checkPort = new Option<int>("--check-port")
        {
            Description =
                "The port that nginx listens to: checks that only look for its process become a connection to it.",
            DefaultValueFactory = _ => 80,
            CustomParser = result =>
                int.TryParse(result.Tokens[^1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                && port is >= 1 and <= 65535
                    ? port
                    : Refuse<int>(result, "--check-port is a number from 1 to 65535."),
        };
        Add(_files);
        foreach (Option option in new Option[] { _output, _report, _namespace, _selector, _names,
            _configurationIds, _checkPort, _step })
            Add(option);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        TextWriter errors = result.InvocationConfiguration.Error;
        Dictionary<string, string> ids = result.GetValue(_configurationIds) ?? [];
        List<ImportHost> hosts = [.. result.GetValue(_files)!.Select(f => HostOf(f, ids))];
        if (hosts.Where(h => h.Node is not null).GroupBy(h => h.Node).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return Fail(errors, [$"Node {twice.Key} is named twice; a node has one file."]);
        if (ids.Keys.FirstOrDefault(n => hosts.All(h => h.Node != n)) is { } unknown)
            return Fail(errors, [$"--config-id names the node {unknown}, and no file is {unknown}=FILE."]);
        ImportOptions defaults = new();
        ImportOptions options = new()
        {
            Namespace = result.GetValue(_namespace),
            Selector = result.GetValue(_selector) ?? defaults.Selector,
            Names = result.GetValue(_names) ?? defaults.Names,
            CheckPort = result.GetValue(_checkPort),
            Step = result.GetValue(_step),
        };

        ImportResult import = KeepalivedImport.Run(hosts, new ConfigurationFiles(), options);
        if (import.Errors.Count > 0)
            return Fail(errors, import.Errors);
        try
        {
            Write(result, import);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(errors, [e.Message]);
        }

        return import.NeedsDecision ? ExitDecisions : 0;
    }

    private void Write(ParseResult result, ImportResult import)
    {
        if (result.GetValue(_output) is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (Manifest manifest in import.Manifests)
                WriteFile(Path.Combine(folder, manifest.FileName), manifest);
        }
        else
        {
            result.InvocationConfiguration.Output.Write(string.Join("---\n", import.Manifests.Select(m => m.Text)));
        }

        if (result.GetValue(_report) is { } report)
            File.WriteAllText(report, import.Report);
        else
            result.InvocationConfiguration.Error.Write(import.Report);
    }

    // A password is for its owner's eyes, from the first moment that the file is there.
    private static void WriteFile(string path, Manifest manifest)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (manifest.IsSecret && !OperatingSystem.IsWindows())
        {
            File.Delete(path);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(manifest.Text);
    }

    // A path may hold a '=' itself; then what stands before it is no node's name, or the file is there as written.
    private static ImportHost HostOf(string argument, Dictionary<string, string> ids)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || !NodeName().IsMatch(argument.AsSpan(0, equals)) || File.Exists(argument))
            return new ImportHost(argument);
        string node = argument[..equals];
        return new ImportHost(argument[(equals + 1)..], node, ids.GetValueOrDefault(node));
    }

    private static Option<Dictionary<string, string>> Pairs(string name, string description, Regex form,
        string allowed) => new(name)
        {
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result =>
            {
                Dictionary<string, string> pairs = new(StringComparer.Ordinal);
                foreach (string part in result.Tokens.SelectMany(t => t.Value.Split(',')))
                {
                    if (form.Match(part) is { Success: true } match)
                        pairs[match.Groups[1].Value] = match.Groups[2].Value;
                    else
                        result.AddError($"{name}: '{part}' is not {allowed}.");
                }

                return pairs;
            },
        };

    private static T Refuse<T>(ArgumentResult result, string message)
        where T : struct
    {
        result.AddError(message);
        return default;
    }

    private static int Fail(TextWriter errors, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
            errors.WriteLine(line);
        return ExitBadInput;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?([.][a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$")]
    private static partial Regex NodeName();

    // As the definition of VirtualIP has keys and values.
    [GeneratedRegex("^((?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)=((?:(?:[A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?)$")]
    private static partial Regex Label();

    [GeneratedRegex("^(.+)=([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$")]
    private static partial Regex VirtualIPName();

    [GeneratedRegex("^([^=]+)=(.+)$")]
    private static partial Regex AnyPair();
}
