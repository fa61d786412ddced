using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using VipOperator.Api;
using VipOperator.Import.Shell;
using VipOperator.Operator.Notifying;

namespace VipOperator.Operator.Configuration;

/// <summary>
/// The command line. Each option may also be given as an environment variable, VIP_OPERATOR_ and its name in capitals.
/// </summary>
internal sealed class OperatorCommand
{
    private const string EnvironmentPrefix = "VIP_OPERATOR_";
    private const string NamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    private static readonly OperatorSettings Defaults = new();

    private readonly Func<string, string?> _environment;
    private readonly Option<string?> _kubeConfig;
    private readonly Option<string?> _namespace;
    private readonly Option<IPEndPoint?> _listen;
    private readonly Option<Choice> _leaderElection;
    private readonly Option<string> _leaseNamespace;
    private readonly Option<string> _leaseName;
    private readonly Option<GatewayDuration> _leaseDuration;
    private readonly Option<GatewayDuration> _gatherTime;
    private readonly Option<GatewayDuration> _resyncInterval;
    private readonly Option<int> _concurrentWrites;
    private readonly Option<string?> _notifications;
    private readonly Option<string?> _injection;
    private readonly Option<IPEndPoint?> _injectionListen;
    private readonly Option<string> _injectionName;
    private readonly Option<LogLevel> _logLevel;
    private readonly Option<LogFormat> _logFormat;

    /// <param name="environment">Looks a variable up.</param>
    /// <param name="run">Does the work, and returns the exit code.</param>
    public OperatorCommand(Func<string, string?> environment, Func<OperatorSettings, CancellationToken, Task<int>> run)
    {
        _environment = environment;
        _kubeConfig = Text("kubeconfig",
            "The kubeconfig file. By default $KUBECONFIG, the pod's service account or ~/.kube/config.", null);
        _namespace = Text("namespace", "The namespace to work in. By default all.", null);
        _listen = Parsed("listen", "The address and port for /metrics, /healthz and /readyz; port 0: one that is free.",
            Defaults.Listen, ParseEndPoint, "an address and a port, such as 0.0.0.0:8080 or [::1]:8080");
        _leaderElection = Parsed(
            "leader-elect", "Whether several instances agree on one that writes: true or false.",
            new Choice(Defaults.LeaderElection), text => bool.TryParse(text, out bool value) ? new Choice(value) : null,
            "true or false");
        _leaseNamespace =
            Text("lease-namespace", "The namespace of the lease. By default the pod's own.", OwnNamespace())!;
        _leaseName = Text("lease-name", "The name of the lease.", Defaults.LeaseName)!;
        _leaseDuration = Duration("lease-duration", "How long a silent leader is waited for, 3s to 1h.",
            Defaults.LeaseDuration, TimeSpan.FromSeconds(3), TimeSpan.FromHours(1));
        _gatherTime = Duration("gather-time", "How long changes are gathered before a plan is made, 0s to 10s.",
            Defaults.GatherTime, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        _resyncInterval = Duration(
            "resync-interval", "How often a plan is made although nothing seems to have changed, 1s to 24h.",
            Defaults.ResyncInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        _concurrentWrites = Parsed("concurrent-writes", "How many writes may be under way at a time, 1 to 64.",
            Defaults.ConcurrentWrites,
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                && value is >= 1 and <= 64 ? value : null,
            "a number from 1 to 64");
        _notifications = Text("notifications",
            "A file that says who is notified of what, by mail or webhook; read again when it changes.", null);
        _injection = Text(
            "injection",
            "A file with the sidecar that the webhook puts into labelled pods, as the chart writes it. By default "
            + "there is no webhook.", null);
        _injectionListen = Parsed("injection-listen", "The address and port of the webhook; port 0: one that is free.",
            Defaults.InjectionListen, ParseEndPoint, "an address and a port, such as 0.0.0.0:9443 or [::1]:9443");
        _injectionName = Text(
            "injection-name",
            "The name of the webhook's Service and Secret, in the namespace of the lease, and of its "
            + "MutatingWebhookConfiguration.",
            Defaults.InjectionName)!;
        _logLevel = Parsed("log-level", "Trace, Debug, Information, Warning, Error or Critical.",
            Defaults.LogLevel, ParseName<LogLevel>,
            "one of Trace, Debug, Information, Warning, Error, Critical and None");
        _logFormat = Parsed("log-format", "Text or Json.", Defaults.LogFormat, ParseName<LogFormat>, "Text or Json");

        Root = new RootCommand(
            "Watches VirtualIPs and the pods that they select, and tells the sidecars of those pods which virtual "
            + "router they belong to and with which priority. Each option may be given as an environment variable too: "
            + "--log-level as VIP_OPERATOR_LOG_LEVEL.")
        {
            _kubeConfig, _namespace, _listen, _leaderElection, _leaseNamespace, _leaseName, _leaseDuration,
            _gatherTime, _resyncInterval,
            _concurrentWrites, _notifications, _injection, _injectionListen, _injectionName, _logLevel, _logFormat,
        };
        Root.Subcommands.Add(ImportCommands.Create("import-keepalived"));
        Root.Subcommands.Add(new TestNotificationsCommand());
        Root.SetAction((result, cancellation) => run(Read(result), cancellation));
    }

    public RootCommand Root { get; }

    private OperatorSettings Read(ParseResult result) => new()
    {
        KubeConfig = result.GetValue(_kubeConfig),
        Namespace = result.GetValue(_namespace),
        Listen = result.GetValue(_listen)!,
        LeaderElection = result.GetValue(_leaderElection).IsYes,
        LeaseNamespace = result.GetValue(_leaseNamespace)!,
        LeaseName = result.GetValue(_leaseName)!,
        LeaseDuration = result.GetValue(_leaseDuration).Value,
        GatherTime = result.GetValue(_gatherTime).Value,
        ResyncInterval = result.GetValue(_resyncInterval).Value,
        ConcurrentWrites = result.GetValue(_concurrentWrites),
        NotificationsFile = result.GetValue(_notifications),
        InjectionFile = result.GetValue(_injection),
        InjectionListen = result.GetValue(_injectionListen)!,
        InjectionName = result.GetValue(_injectionName)!,
        LogLevel = result.GetValue(_logLevel),
        LogFormat = result.GetValue(_logFormat),
    };

    private Option<string?> Text(string name, string description, string? fallback)
    {
        string? fromEnvironment = _environment(VariableOf(name));
        return new Option<string?>("--" + name)
        {
            Description = description,
            DefaultValueFactory = _ => string.IsNullOrEmpty(fromEnvironment) ? fallback : fromEnvironment,
        };
    }

    private Option<GatewayDuration> Duration(
        string name, string description, TimeSpan fallback, TimeSpan least, TimeSpan most) => Parsed(
        name,
        description,
        new GatewayDuration(fallback),
        text => GatewayDuration.TryParse(text, out GatewayDuration value) && value.Value >= least
            && value.Value <= most ? value : null,
        $"a duration from {new GatewayDuration(least)} to {new GatewayDuration(most)}, such as 1m30s");

    // Both the option's own argument and the variable go through the same parser, so both are refused alike.
    private Option<T> Parsed<T>(string name, string description, T fallback, Func<string, T?> parse, string allowed)
        where T : struct => new("--" + name)
        {
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Convert(result, result.Tokens[^1].Value, $"--{name}", parse, allowed),
            DefaultValueFactory = result => _environment(VariableOf(name)) is { Length: > 0 } text
                ? Convert(result, text, VariableOf(name), parse, allowed)
                : fallback,
        };

    private Option<IPEndPoint?> Parsed(
        string name, string description, IPEndPoint fallback, Func<string, IPEndPoint?> parse,
        string allowed) => new("--" + name)
        {
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
                parse(result.Tokens[^1].Value) ?? Refuse(result, result.Tokens[^1].Value, $"--{name}", allowed),
            DefaultValueFactory = result => _environment(VariableOf(name)) is { Length: > 0 } text
                ? parse(text) ?? Refuse(result, text, VariableOf(name), allowed)
                : fallback,
        };

    private static IPEndPoint? Refuse(ArgumentResult result, string text, string source, string allowed)
    {
        result.AddError($"{source}: '{text}' is not {allowed}.");
        return null;
    }

    private static T Convert<T>(
        ArgumentResult result, string text, string source, Func<string, T?> parse, string allowed)
        where T : struct
    {
        if (parse(text) is { } value)
            return value;
        result.AddError($"{source}: '{text}' is not {allowed}.");
        return default;
    }

    private static IPEndPoint? ParseEndPoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && !text.EndsWith(']')
        && IPEndPoint.TryParse(text, out IPEndPoint? value) ? value : null;

    private static T? ParseName<T>(string text)
        where T : struct, Enum =>
        !text.Any(char.IsDigit) && Enum.TryParse(text, ignoreCase: true, out T value) ? value : null;

    private static string VariableOf(string name) =>
        EnvironmentPrefix + name.Replace('-', '_').ToUpperInvariant();

    private static string OwnNamespace()
    {
        try
        {
            string text = File.ReadAllText(NamespaceFile).Trim();
            return text.Length > 0 ? text : Defaults.LeaseNamespace;
        }
        catch (IOException)
        {
            return Defaults.LeaseNamespace;
        }
    }

    // The parser takes bool for a switch without an argument, and whatever else follows for a mistake of another kind.
    private readonly record struct Choice(bool IsYes)
    {
        public override string ToString() => IsYes ? "true" : "false";
    }
}
