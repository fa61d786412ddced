using System.Collections.Immutable;
using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Settings;

internal enum AgentCommand
{
    Run,
    Status,
    Handover,
    Capture,
    Help,
    Version,
}

/// <summary>What was asked for, or what is wrong with it.</summary>
/// <param name="Errors">For a person; nothing is to be run unless it is empty.</param>
internal sealed record CommandLine(AgentCommand Command, AgentSettings Settings, ImmutableArray<string> Errors)
{
    /// <summary>
    /// Reads the environment, then the arguments. What belongs to vip-sidecar alone is skipped
    /// (<see cref="SidecarSetting"/>); everything that is unknown or wrong is reported, not only the first.
    /// </summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        AgentSettings settings = new();
        List<string> errors = [];
        (AgentCommand command, int first) = arguments.Count == 0 ? (AgentCommand.Run, 0) : arguments[0] switch
        {
            "status" => (AgentCommand.Status, 1),
            "handover" => (AgentCommand.Handover, 1),
            "capture" => (AgentCommand.Capture, 1),
            "help" => (AgentCommand.Help, 1),
            _ => (AgentCommand.Run, 0),
        };
        ImmutableArray<Setting> table = command switch
        {
            AgentCommand.Status => SettingTable.Status,
            AgentCommand.Handover => SettingTable.Handover,
            AgentCommand.Capture => SettingTable.Capture,
            _ => SettingTable.Run,
        };

        foreach (Setting setting in table)
        {
            if (setting.Variable is not null && environment(setting.Variable) is { Length: > 0 } value
                && setting.Apply(settings, value) is { } allowed)
                errors.Add($"{setting.Variable}: '{value}' is not allowed; allowed is {allowed}.");
        }

        for (int i = first; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument is "--help" or "-h")
                return new CommandLine(AgentCommand.Help, settings, []);
            if (argument == "--version")
                return new CommandLine(AgentCommand.Version, settings, []);
            ParseOne(arguments, ref i, table, settings, errors);
        }

        return new CommandLine(command, settings, [.. errors]);
    }

    private static void ParseOne(
        IReadOnlyList<string> arguments, ref int index, ImmutableArray<Setting> table,
        AgentSettings settings, List<string> errors)
    {
        string argument = arguments[index];
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string flag = equals < 0 ? argument : argument[..equals];
        string? value = equals < 0 ? null : argument[(equals + 1)..];
        if (flag == "-o")
            flag = "--output";

        SidecarSetting? foreign = SidecarSetting.All.FirstOrDefault(s => s.Flag == flag);
        if (foreign is not null)
        {
            if (foreign.ValueName is not null && value is null)
                index++;
            return;
        }

        Setting? setting = table.FirstOrDefault(s => s.Flag == flag);
        if (setting is null)
        {
            errors.Add(Unknown(argument, flag, table));
            return;
        }

        if (value is null && index + 1 < arguments.Count)
            value = arguments[++index];
        if (value is null)
            errors.Add($"{flag} needs a value: {setting.ValueName}.");
        else if (setting.Apply(settings, value) is { } allowed)
            errors.Add($"{flag}: '{value}' is not allowed; allowed is {allowed}.");
    }

    private static string Unknown(string argument, string flag, ImmutableArray<Setting> table)
    {
        if (argument is "status" or "handover" or "capture" or "help")
            return $"'{argument}' comes too late: a command is the first argument, and there is one.";
        if (!flag.StartsWith('-'))
            return $"'{argument}' is no command; commands are status, handover and capture, --help lists the settings.";
        string nearest = table.Select(s => s.Flag).Concat(SidecarSetting.All.Select(s => s.Flag))
            .MinBy(known => Distance(flag, known))!;
        return Distance(flag, nearest) <= 3
            ? $"There is no setting {flag}; did you mean {nearest}?"
            : $"There is no setting {flag}; --help lists them.";
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
