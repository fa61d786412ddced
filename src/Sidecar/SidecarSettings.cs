using System.Collections.Immutable;
using System.Globalization;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Lifelines;
using VipOperator.Sidecar.Logging;

namespace VipOperator.Sidecar;

/// <summary>
/// What the sidecar itself takes from the command line and the environment; the agent takes the rest.
/// </summary>
internal sealed record SidecarSettings
{
    public const int DefaultRealtimePriority = 50;
    public const int DefaultLifelinePort = 15112;

    private static readonly ImmutableArray<SidecarSetting> Known = [.. SidecarSetting.All, .. SidecarSetting.Shared];

    public required string AgentPath { get; init; }

    /// <summary>0–99; 0: an ordinary thread.</summary>
    public int RealtimePriority { get; init; } = DefaultRealtimePriority;

    /// <summary>Whether a person set <see cref="RealtimePriority"/>: then a refusal is worth a warning.</summary>
    public bool RealtimePriorityIsSet { get; init; }

    public bool LockMemory { get; init; } = true;

    public bool Sweep { get; init; } = true;

    /// <summary>null: none are offered or held.</summary>
    public LifelinePorts? LifelinePorts { get; init; } = new(DefaultLifelinePort);

    /// <summary>Lines below it are not written.</summary>
    public LogLevel LowestLogLevel { get; init; } = LogLevel.Information;

    /// <summary>Lines for people instead of JSON.</summary>
    public bool LogsText { get; init; }

    public bool ShowsHelp { get; init; }

    public bool ShowsVersion { get; init; }

    /// <summary>status, handover, … : the agent's business alone; null when the sidecar is to run.</summary>
    public string? Subcommand { get; init; }

    /// <summary>
    /// Reads the settings; flags win over variables. Flags that are not the sidecar's own are passed over.
    /// </summary>
    /// <param name="variable">Looks a variable up.</param>
    /// <param name="agentBeside">The agent to start if none is named.</param>
    /// <param name="problem">What is wrong and what is allowed.</param>
    public static SidecarSettings? Read(
        IReadOnlyList<string> arguments, Func<string, string?> variable, string agentBeside, out string problem)
    {
        Dictionary<SidecarSetting, Given> values = [];
        foreach (SidecarSetting setting in Known)
        {
            if (variable(setting.Variable) is { Length: > 0 } value)
                values[setting] = new Given(setting.Variable, value);
        }

        string? refused = ReadFlags(arguments, values);
        int priority = ReadNumber(values, SidecarSetting.RealtimePriority, DefaultRealtimePriority, 99, ref refused);
        int lifelinePort = ReadNumber(values, SidecarSetting.LifelinePort, DefaultLifelinePort,
            Sidecar.Lifelines.LifelinePorts.HighestFirst, ref refused);
        bool locks = !ReadSwitch(values, SidecarSetting.NoLockMemory, ref refused);
        bool sweeps = !ReadSwitch(values, SidecarSetting.NoSweep, ref refused);
        problem = refused ?? "";
        if (refused is not null)
            return null;
        return new SidecarSettings
        {
            AgentPath = values.GetValueOrDefault(SidecarSetting.AgentPath)?.Text ?? agentBeside,
            RealtimePriority = priority,
            RealtimePriorityIsSet = values.GetValueOrDefault(SidecarSetting.RealtimePriority) is { Text.Length: > 0 },
            LifelinePorts = lifelinePort == 0 ? null : new(lifelinePort),
            LockMemory = locks,
            Sweep = sweeps,
            LowestLogLevel = values.GetValueOrDefault(SidecarSetting.LogLevel)?.Text switch
            {
                "trace" or "debug" => LogLevel.Debug,
                "warning" or "warn" => LogLevel.Warning,
                "error" => LogLevel.Error,
                _ => LogLevel.Information,
            },
            LogsText = values.GetValueOrDefault(SidecarSetting.LogFormat)?.Text == "text",
            ShowsHelp = arguments.Any(a => a is "--help" or "-h"),
            ShowsVersion = arguments.Contains("--version"),
            Subcommand = arguments.Count > 0 && !arguments[0].StartsWith('-') ? arguments[0] : null,
        };
    }

    private static string? ReadFlags(IReadOnlyList<string> arguments, Dictionary<SidecarSetting, Given> values)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string[] parts = arguments[i].Split('=', 2);
            if (Known.FirstOrDefault(s => s.Flag == parts[0]) is not { } setting)
                continue;
            if (setting.ValueName is null)
                values[setting] = new Given(setting.Flag, parts.Length == 1 ? "true" : parts[1]);
            else if (parts.Length == 2)
                values[setting] = new Given(setting.Flag, parts[1]);
            else if (i + 1 < arguments.Count)
                values[setting] = new Given(setting.Flag, arguments[++i]);
            else
                return $"{setting.Flag} needs {setting.ValueName}";
        }

        return null;
    }

    private static int ReadNumber(
        Dictionary<SidecarSetting, Given> values, SidecarSetting setting, int byDefault,
        int highest, ref string? problem)
    {
        if (values.GetValueOrDefault(setting) is not { Text: { Length: > 0 } text } given)
            return byDefault;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > highest)
            problem ??= $"{given.Source}: '{text}' is not a number from 0 to {highest}";
        return number;
    }

    private static bool ReadSwitch(
        Dictionary<SidecarSetting, Given> values, SidecarSetting setting, ref string? problem)
    {
        if (values.GetValueOrDefault(setting) is not { } given)
            return false;
        if (!bool.TryParse(given.Text, out bool value))
            problem ??= $"{given.Source}: '{given.Text}' is neither true nor false";
        return value;
    }

    /// <param name="Source">The flag or the variable that it comes from.</param>
    private sealed record Given(string Source, string Text);
}
