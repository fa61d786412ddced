using Microsoft.Extensions.Logging;
using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Logging;

/// <summary>
/// Everything that the agent logs. Event ids are stable: 100 the process, 200 configuration, 300 Kubernetes, 400
/// probes, 500 the sidecar, 600 endpoints. Transitions of routers are logged by the sidecar itself.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(
        100, LogLevel.Information, "Agent {Version} started, process {ProcessId}, configuration from {Source}")]
    public static partial void Started(ILogger log, string version, int processId, string source);

    [LoggerMessage(101, LogLevel.Information, "Stopping: {Reason}")]
    public static partial void Stopping(ILogger log, string reason);

    [LoggerMessage(
        102, LogLevel.Critical, "A part of the agent ended unexpectedly; the agent stops and is started again")]
    public static partial void PartEnded(ILogger log, Exception exception);

    [LoggerMessage(103, LogLevel.Warning, "{Lines} lines of this log were lost: they could not be written")]
    public static partial void LinesLost(ILogger log, long lines);

    [LoggerMessage(
        200, LogLevel.Information, "Configuration {Revision} from {Source}: {Members} members, {Routers} routers")]
    public static partial void Configured(ILogger log, ulong revision, string source, int members, int routers);

    [LoggerMessage(201, LogLevel.Error, "{Problem}")]
    public static partial void ConfigurationFileProblem(ILogger log, string problem);

    [LoggerMessage(202, LogLevel.Error,
        "{File} is not taken over because of the problems above; the last configuration stays in force")]
    public static partial void ConfigurationFileRefused(ILogger log, string file);

    [LoggerMessage(203, LogLevel.Error, "{Member} cannot run as specified ({Reason}): {Message}")]
    public static partial void MemberProblem(ILogger log, string member, string reason, string message);

    [LoggerMessage(204, LogLevel.Information, "{Member} is specified well again")]
    public static partial void MemberProblemGone(ILogger log, string member);

    [LoggerMessage(205, LogLevel.Warning,
        "{Directory} cannot be watched for changes ({Message}); they are noticed some seconds later")]
    public static partial void WatchFailed(ILogger log, string directory, string message);

    [LoggerMessage(206, LogLevel.Information, "Configuration {Revision} runs in the sidecar")]
    public static partial void ConfigurationApplied(ILogger log, ulong revision);

    [LoggerMessage(300, LogLevel.Information, "Connected to the API server {Server}; {Members} members are ours")]
    public static partial void ApiConnected(ILogger log, string server, int members);

    [LoggerMessage(301, LogLevel.Warning,
        "The API server {Server} is not to be had, the last configuration stays in force: {Message}")]
    public static partial void ApiLost(ILogger log, string server, string message);

    [LoggerMessage(302, LogLevel.Warning, "No API server yet; running the configuration saved at {SavedAt}")]
    public static partial void CacheUsed(ILogger log, DateTimeOffset savedAt);

    [LoggerMessage(303, LogLevel.Warning,
        "The configuration cannot be saved in {File}, so a restart without an API server would have none: {Message}")]
    public static partial void CacheNotWritten(ILogger log, string file, string message);

    [LoggerMessage(304, LogLevel.Warning, "The saved configuration {File} is left alone: {Message}")]
    public static partial void CacheNotRead(ILogger log, string file, string message);

    [LoggerMessage(305, LogLevel.Warning, "The status of {Member} cannot be written, trying again: {Message}")]
    public static partial void StatusNotWritten(ILogger log, string member, string message);

    [LoggerMessage(306, LogLevel.Debug, "Status of {Member} written: {State}")]
    public static partial void StatusWritten(ILogger log, string member, string state);

    [LoggerMessage(307, LogLevel.Debug, "Watch ended ({Reason}); going on from {ResourceVersion}")]
    public static partial void WatchEnded(ILogger log, string reason, string resourceVersion);

    [LoggerMessage(400, LogLevel.Information, "Probe {Probe} passes")]
    public static partial void ProbePasses(ILogger log, string probe);

    [LoggerMessage(401, LogLevel.Warning, "Probe {Probe} fails: {Message}")]
    public static partial void ProbeFails(ILogger log, string probe, string message);

    [LoggerMessage(402, LogLevel.Error, "Probe {Probe} could not be carried out")]
    public static partial void ProbeBroke(ILogger log, string probe, Exception exception);

    [LoggerMessage(500, LogLevel.Error, "The sidecar cannot run {Router} as asked: {Message}")]
    public static partial void RouterRefused(ILogger log, string router, string message);

    [LoggerMessage(501, LogLevel.Information, "{Router}: {Kind} was not seen lately")]
    public static partial void HintGone(ILogger log, string router, RouterHintKind kind);

    [LoggerMessage(502, LogLevel.Error,
        "The sidecar does not answer any more; until it does, its routers are told of as in Fault")]
    public static partial void SidecarSilent(ILogger log);

    [LoggerMessage(503, LogLevel.Information, "The sidecar answers again")]
    public static partial void SidecarAnswers(ILogger log);

    [LoggerMessage(600, LogLevel.Information, "Serving /metrics, /healthz, /readyz and /state on {Address}")]
    public static partial void Listening(ILogger log, string address);

    [LoggerMessage(601, LogLevel.Warning, "Cannot listen on {Address}, trying again: {Message}")]
    public static partial void NotListening(ILogger log, string address, string message);

    [LoggerMessage(602, LogLevel.Information, "Handover asked for: {Routers} routers, {HandedOver} handed over")]
    public static partial void HandedOver(ILogger log, int routers, int handedOver);

    [LoggerMessage(603, LogLevel.Error, "{Path} could not be answered")]
    public static partial void AnswerFailed(ILogger log, string path, Exception exception);

    [LoggerMessage(604, LogLevel.Warning, "There is no IPv6 here: listening on {Address} instead of {Wanted}")]
    public static partial void NoIPv6(ILogger log, string address, string wanted);
}
