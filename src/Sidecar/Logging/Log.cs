using System.Globalization;
using System.Runtime.CompilerServices;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Logging;

/// <summary>
/// All that the sidecar says; the method is the event's name, its id is stable and below 100. The agent's log goes to
/// the same stream in the same form, with ids from 100 on. Called on the loop's thread.
/// </summary>
internal sealed class Log(LogWriter writer, TimeProvider clock, LogLevel lowest, bool asText)
{
    private const long RepeatAfterNanoseconds = 60_000_000_000;

    private readonly byte[] _buffer = new byte[LogLine.Longest];
    private readonly Dictionary<(RouterKey Router, int EventId), MonotonicTime> _quietUntil = [];

    public void Started(string version, int realtimePriority, bool memoryLocked)
    {
        LogLine line = Begin(1, LogLevel.Information, $"vip-sidecar {version} started");
        line.Field("Version", version);
        line.Field("RealtimePriority", realtimePriority);
        line.Field("MemoryLocked", memoryLocked ? "true" : "false");
        Write(ref line);
    }

    /// <param name="asked">Whether a person asked for it; by default it is only tried.</param>
    public void NotGranted(string what, string why, bool asked)
    {
        LogLine line = Begin(2, asked ? LogLevel.Warning : LogLevel.Information, $"{what} was not granted: {why}");
        Write(ref line);
    }

    public void Stopping(string why)
    {
        LogLine line = Begin(3, LogLevel.Information, $"Stopping: {why}");
        Write(ref line);
    }

    public void Transition(RouterRunner router, in RouterEffect effect)
    {
        LogLine line = Begin(10, LogLevel.Information, $"{router.Configuration.Name} is {effect.To}: {effect.Reason}");
        Identify(ref line, router);
        line.Field("From", effect.From.ToString());
        line.Field("To", effect.To.ToString());
        line.Field("Reason", effect.Reason.ToString());
        line.Field("Priority", router.State.EffectivePriority.Value);
        if (!router.State.ActiveAddress.IsNone)
            line.Field("ActiveRouter", router.State.ActiveAddress.ToString());
        Write(ref line);
    }

    public void TwoActives(RouterRunner router, in Advertisement other)
    {
        if (IsRepeated(router, 11))
            return;
        LogLine line = Begin(
            11, LogLevel.Warning,
            $"{router.Configuration.Name}: {other.Source} advertises as Active with priority {other.Priority} while we "
            + $"are Active. {Advice(RouterHintKind.TwoActives)}");
        Identify(ref line, router);
        line.Field("Other", other.Source.ToString());
        line.Field("OtherPriority", other.Priority.Value);
        Write(ref line);
    }

    public void EffectFailed(RouterRunner router, RouterEffectKind effect, int error)
    {
        if (IsRepeated(router, 100 + (int)effect))
            return;
        string message = new LinuxException(effect.ToString(), error, router.Link?.Name ?? "no link").Message;
        LogLine line = Begin(12, LogLevel.Warning, $"{router.Configuration.Name}: {message}");
        Identify(ref line, router);
        line.Field("Effect", effect.ToString());
        line.Field("Errno", error);
        Write(ref line);
    }

    public void NotAttached(RouterRunner router, string problem)
    {
        if (IsRepeated(router, 13))
            return;
        LogLine line = Begin(13, LogLevel.Warning, $"{router.Configuration.Name} has no link: {problem}");
        Identify(ref line, router);
        line.Field("Problem", problem);
        Write(ref line);
    }

    public void ConfigurationRefused(string router, string problem)
    {
        LogLine line = Begin(14, LogLevel.Error, $"{router} is not run as configured: {problem}");
        line.Field("Router", router);
        line.Field("Problem", problem);
        Write(ref line);
    }

    public void LeftoverSwept(string link, IpPrefix address, int error)
    {
        LogLine line = error == 0
            ? Begin(15, LogLevel.Information, $"Removed {address} from {link}, which an earlier sidecar left behind")
            : Begin(15, LogLevel.Warning,
                $"{address} on {link} was left behind by an earlier sidecar and cannot be removed (errno {error})");
        line.Field("Link", link);
        line.Field("Address", address.ToString());
        Write(ref line);
    }

    /// <param name="error">The error number, positive.</param>
    public void NotClaimed(IpAddress address, int error)
    {
        LogLine line = Begin(16, LogLevel.Warning, error == Errno.EADDRINUSE
            ? $"Another sidecar on this node is configured with {address} as well; they cannot hear each other"
            : $"{new LinuxException("claim", error, address.ToString()).Message}. Until it is claimed, another sidecar "
                + "that starts on this node takes it for left behind");
        line.Field("Address", address.ToString());
        Write(ref line);
    }

    public void LinkSwept(string link)
    {
        LogLine line = Begin(
            17, LogLevel.Information, $"Removed the virtual link {link}, which an earlier sidecar left behind");
        line.Field("Link", link);
        Write(ref line);
    }

    public void VirtualMacRefused(RouterRunner router, int error)
    {
        if (IsRepeated(router, 18))
            return;
        string message = new LinuxException("macvlan", error, router.Link?.Name ?? "no link").Message;
        LogLine line = Begin(18, LogLevel.Warning, $"{router.Configuration.Name} cannot have its virtual MAC address: "
            + $"{message}. {Advice(RouterHintKind.VirtualMacRefused)}");
        Identify(ref line, router);
        line.Field("Errno", error);
        Write(ref line);
    }

    public void HearsRouters(string link)
    {
        LogLine line = Begin(
            19, LogLevel.Warning,
            $"{link} may take addresses and routes from router advertisements: /proc/sys is read-only. Set "
            + $"net.ipv6.conf.default.accept_ra to 0 on the node.");
        line.Field("Link", link);
        Write(ref line);
    }

    public void Hint(RouterRunner router, in RouterHint hint)
    {
        if (IsRepeated(router, 200 + (int)hint.Kind))
            return;
        string what = hint.Kind switch
        {
            RouterHintKind.ForeignSpeaker =>
                $"{hint.Source} advertises the same virtual router id and is not heard ({hint.Drop})",
            RouterHintKind.OtherAddresses => $"{hint.Source} advertises other addresses",
            RouterHintKind.OtherInterval => $"{hint.Source} advertises at another interval",
            RouterHintKind.AddressConflict or RouterHintKind.HeldElsewhere =>
                $"{hint.HardwareAddress} answers for {hint.Source}, which we hold",
            RouterHintKind.AddressesRemoved => "another program removed addresses of ours",
            RouterHintKind.NoPeers => "it knows no peer and is not said to be alone",
            RouterHintKind.AdvertisementsLost => "no advertisement comes in",
            _ => hint.Kind.ToString(),
        };
        LogLine line = Begin(31, LogLevel.Warning, $"{router.Configuration.Name}: {what}. {hint.Advice}");
        Identify(ref line, router);
        line.Field("Hint", hint.Kind.ToString());
        if (!hint.Source.IsNone)
            line.Field(hint.HardwareAddress == default ? "Other" : "Address", hint.Source.ToString());
        if (hint.HardwareAddress != default)
            line.Field("HardwareAddress", hint.HardwareAddress.ToString());
        Write(ref line);
    }

    public void Late(RouterRunner router, TimeSpan late)
    {
        if (IsRepeated(router, 30))
            return;
        LogLine line = Begin(
            30, LogLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"{router.Configuration.Name}: the loop "
                + $"came {late.TotalMilliseconds:0} ms late. {Advice(RouterHintKind.LoopLate)}"));
        Identify(ref line, router);
        line.Field("LateMilliseconds", (long)late.TotalMilliseconds);
        Write(ref line);
    }

    public void AgentStarted(int processId)
    {
        LogLine line = Begin(20, LogLevel.Information, "Agent started");
        line.Field("ProcessId", processId);
        Write(ref line);
    }

    public void AgentEnded(int exitCode, TimeSpan restartIn)
    {
        LogLine line = Begin(
            21, LogLevel.Warning, string.Create(CultureInfo.InvariantCulture,
                $"Agent ended with {exitCode}; routers go on, it is started again in {restartIn.TotalSeconds} s"));
        line.Field("ExitCode", exitCode);
        Write(ref line);
    }

    public void AgentNotStarted(string problem, TimeSpan retryIn)
    {
        LogLine line = Begin(
            22, LogLevel.Error, string.Create(CultureInfo.InvariantCulture,
                $"The agent cannot be started, next try in {retryIn.TotalSeconds} s: {problem}"));
        Write(ref line);
    }

    public void AgentDropped(string problem)
    {
        LogLine line = Begin(23, LogLevel.Error, $"The agent is ended and replaced: {problem}");
        Write(ref line);
    }

    private static void Identify(ref LogLine line, RouterRunner router)
    {
        line.Field("Router", router.Configuration.Name);
        line.Field("Vrid", router.Parameters.VirtualRouterId.Value);
        line.Field("Family", router.Parameters.Family.ToString());
        line.Field("Link", router.Link?.Name ?? router.Configuration.InterfaceName);
    }

    private static string Advice(RouterHintKind kind, DropReason drop = default) =>
        new RouterHint(kind, default, default, default, drop).Advice;

    // What can repeat with each packet or retry is said once a minute.
    private bool IsRepeated(RouterRunner router, int eventId)
    {
        (RouterKey, int) key = (RouterKey.Of(router.Configuration), eventId);
        MonotonicTime now = MonotonicClock.Now;
        if (_quietUntil.TryGetValue(key, out MonotonicTime until) && now < until)
            return true;
        _quietUntil[key] = now.PlusNanoseconds(RepeatAfterNanoseconds);
        return false;
    }

    private LogLine Begin(int eventId, LogLevel level, string message, [CallerMemberName] string name = "") =>
        new(_buffer, clock.GetUtcNow(), eventId, name, level, message, asText);

    private void Write(ref LogLine line)
    {
        if (line.Level >= lowest)
            writer.Write(line.End());
    }
}
