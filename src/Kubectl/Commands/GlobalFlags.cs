using System.Collections.Immutable;
using System.CommandLine;

namespace VipOperator.Kubectl.Commands;

/// <summary>
/// The flags that every kubectl command knows: which cluster, as whom. They are handed on as they are; kubectl judges
/// their values.
/// </summary>
internal static class GlobalFlags
{
    private static readonly ImmutableArray<string> WithValue =
    [
        "--as", "--as-group", "--as-uid", "--cache-dir", "--certificate-authority", "--client-certificate",
        "--client-key", "--cluster",
        "--context", "--kubeconfig", "--request-timeout", "--server", "--tls-server-name", "--token", "--user", "--v",
    ];

    private static readonly ImmutableArray<string> Switches =
        ["--insecure-skip-tls-verify", "--match-server-version", "--disable-compression"];

    private static readonly ImmutableDictionary<string, string> Short =
        ImmutableDictionary.CreateRange([KeyValuePair.Create("--server", "-s"), KeyValuePair.Create("--v", "-v")]);

    /// <summary>Adds them to a command.</summary>
    /// <returns>Gives what was set, as kubectl takes it.</returns>
    public static Func<ParseResult, IReadOnlyList<string>> AddTo(Command command)
    {
        List<Option<string[]>> valued = [];
        List<Option<bool>> switches = [];
        foreach (string name in WithValue)
        {
            // Some may be repeated, such as --as-group.
            Option<string[]> option = Short.TryGetValue(name, out string? alias) ? new(name, alias) : new(name);
            option.Description = "As kubectl has it.";
            option.Hidden = true;
            option.Arity = ArgumentArity.OneOrMore;
            valued.Add(option);
            command.Add(option);
        }

        foreach (string name in Switches)
        {
            Option<bool> option = new(name) { Description = "As kubectl has it.", Hidden = true };
            switches.Add(option);
            command.Add(option);
        }

        return result =>
        [
            .. valued.SelectMany(o => (result.GetValue(o) ?? []).Select(value => $"{o.Name}={value}")),
            .. switches.Where(o => result.GetResult(o) is { Implicit: false }).Select(
                o => $"{o.Name}={(result.GetValue(o) ? "true" : "false")}"),
        ];
    }

    /// <summary>Flags may stand before the command, as people are used to: <c>kubectl vip -n web status</c>.</summary>
    public static string[] MoveBehindCommand(string[] arguments, IReadOnlyCollection<string> commands)
    {
        int command = 0;
        while (command < arguments.Length && !commands.Contains(arguments[command]))
        {
            if (!arguments[command].StartsWith('-'))
                return arguments;
            command += TakesNext(arguments[command]) ? 2 : 1;
        }

        return command == 0 || command >= arguments.Length
            ? arguments
            : [arguments[command], .. arguments[..command], .. arguments[(command + 1)..]];
    }

    private static bool TakesNext(string flag) =>
        flag is "-n" or "--namespace" || WithValue.Contains(flag) || Short.ContainsValue(flag);
}
