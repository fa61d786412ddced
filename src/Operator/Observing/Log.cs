namespace VipOperator.Operator.Observing;

/// <summary>
/// Everything that the operator logs. Ids are stable: 1xx life, 2xx watching, 3xx planning, 4xx writing, 5xx
/// leadership, 6xx notifying, 7xx injecting.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "vip-operator {Version} uses the API server {Server}, {Scope}")]
    public static partial void Started(ILogger logger, string version, string server, string scope);

    [LoggerMessage(101, LogLevel.Information,
        "All caches are filled: {VirtualIPs} VirtualIPs, {Members} members, {Pods} pods, {Nodes} nodes")]
    public static partial void Synced(ILogger logger, int virtualIPs, int members, int pods, int nodes);

    [LoggerMessage(102, LogLevel.Information, "Stopping: no more writes, then the lease is released")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(103, LogLevel.Warning, "There is no IPv6 here: listening on {Address} instead of {Wanted}")]
    public static partial void NoIPv6(ILogger logger, System.Net.IPEndPoint wanted, System.Net.IPEndPoint address);

    [LoggerMessage(200, LogLevel.Debug, "Listed {Count} {Resource} at version {Version}")]
    public static partial void Listed(ILogger logger, string resource, int count, string version);

    [LoggerMessage(
        201, LogLevel.Information, "The API server has forgotten where the watch of {Resource} was; listing again")]
    public static partial void WatchExpired(ILogger logger, string resource);

    [LoggerMessage(202, LogLevel.Warning, "Watching {Resource} failed, trying again in {Delay}: {Error}")]
    public static partial void WatchFailed(ILogger logger, string resource, string error, TimeSpan delay);

    [LoggerMessage(203, LogLevel.Error, "The API server does not know {Resource} of {ApiPath}: install the CRDs with "
        + "'kubectl apply -f crds/'. Trying again in {Delay}")]
    public static partial void KindNotFound(ILogger logger, string resource, string apiPath, TimeSpan delay);

    [LoggerMessage(204, LogLevel.Error, "Not allowed to list and watch {Resource}: {Error}. Trying again in {Delay}")]
    public static partial void NotAllowed(ILogger logger, string resource, string error, TimeSpan delay);

    [LoggerMessage(
        205, LogLevel.Warning, "One of {Resource} cannot be read and is left out: {Namespace}/{Name}: {Error}")]
    public static partial void MalformedObject(
        ILogger logger, string resource, string? Namespace, string? name, string error);

    [LoggerMessage(300, LogLevel.Debug, "Planned {VirtualIPs} VirtualIPs in {Duration}: {Steps} steps")]
    public static partial void Planned(ILogger logger, int virtualIPs, TimeSpan duration, int steps);

    [LoggerMessage(301, LogLevel.Error, "Planning failed; trying again in {Delay}")]
    public static partial void PlanningFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(400, LogLevel.Information, "Wrote member {Namespace}/{Member} of {VirtualIP}: node {Node}, virtual "
        + "router id {Vrid}, priority {Priority}: {Explanation}")]
    public static partial void MemberApplied(
        ILogger logger, string Namespace, string member, string virtualIP, string node, byte vrid,
        byte priority, string explanation);

    [LoggerMessage(409, LogLevel.Warning, "Member {Namespace}/{Member} of {VirtualIP} is not as it was written: "
        + "somebody else changes it")]
    public static partial void MemberNotAsApplied(
        ILogger logger, string Namespace, string member, string virtualIP);

    [LoggerMessage(401, LogLevel.Information, "Deleted member {Namespace}/{Member} of {VirtualIP}: {Reason}")]
    public static partial void MemberDeleted(
        ILogger logger, string Namespace, string member, string virtualIP, string reason);

    [LoggerMessage(402, LogLevel.Debug,
        "Wrote the status of {Namespace}/{VirtualIP}: {Ready} ({Reason}), active node {ActiveNode}")]
    public static partial void StatusWritten(
        ILogger logger, string Namespace, string virtualIP, string ready, string reason, string? activeNode);

    [LoggerMessage(
        403, LogLevel.Warning, "Writing for {Namespace}/{VirtualIP} failed ({Step}), trying again in {Delay}: {Error}")]
    public static partial void WriteFailed(
        ILogger logger, string Namespace, string virtualIP, string step, TimeSpan delay, string error);

    [LoggerMessage(404, LogLevel.Information, "{Reason}: {Namespace}/{VirtualIP}: {Message}")]
    public static partial void EventRecorded(
        ILogger logger, string reason, string Namespace, string virtualIP, string message);

    [LoggerMessage(405, LogLevel.Warning, "{Reason}: {Namespace}/{VirtualIP}: {Message}")]
    public static partial void WarningRecorded(
        ILogger logger, string reason, string Namespace, string virtualIP, string message);

    [LoggerMessage(406, LogLevel.Warning, "An event could not be written: {Error}")]
    public static partial void EventLost(ILogger logger, string error);

    [LoggerMessage(407, LogLevel.Debug, "Labelled the pod {Namespace}/{Pod}: role {Role}")]
    public static partial void PodLabelled(ILogger logger, string Namespace, string pod, string role);

    [LoggerMessage(408, LogLevel.Debug, "{Namespace}/{VirtualIP}: {Node} has priority {Priority}. {Explanation}")]
    public static partial void Ranked(
        ILogger logger, string Namespace, string virtualIP, string node, byte priority, string? explanation);

    [LoggerMessage(500, LogLevel.Information, "Leading as {Identity}")]
    public static partial void Leading(ILogger logger, string identity);

    [LoggerMessage(501, LogLevel.Information, "{Holder} leads; standing by as {Identity}")]
    public static partial void StandingBy(ILogger logger, string holder, string identity);

    [LoggerMessage(502, LogLevel.Warning,
        "The lease {Namespace}/{Name} could not be renewed; no more writes until it can: {Error}")]
    public static partial void LeadershipLost(ILogger logger, string Namespace, string name, string error);

    [LoggerMessage(503, LogLevel.Information, "Released the lease {Namespace}/{Name}")]
    public static partial void LeaseReleased(ILogger logger, string Namespace, string name);

    [LoggerMessage(504, LogLevel.Warning, "The lease {Namespace}/{Name} could not be read or written: {Error}")]
    public static partial void LeaseFailed(ILogger logger, string Namespace, string name, string error);

    [LoggerMessage(600, LogLevel.Information, "Notifications go by {Path}: {Channels} channels")]
    public static partial void NotificationSettingsTaken(ILogger logger, string path, int channels);

    [LoggerMessage(601, LogLevel.Error, "{Problem}")]
    public static partial void NotificationSettingsProblem(ILogger logger, string problem);

    [LoggerMessage(602, LogLevel.Error, "{Path} is not taken; {Channels} channels go on as before")]
    public static partial void NotificationSettingsRefused(ILogger logger, string path, int channels);

    [LoggerMessage(603, LogLevel.Information, "Notified {Channel}: {Summary}")]
    public static partial void NotificationSent(ILogger logger, string channel, string summary);

    [LoggerMessage(604, LogLevel.Warning, "Notifying {Channel} failed, trying again in {Delay}: {Error}")]
    public static partial void NotificationRetried(ILogger logger, string channel, TimeSpan delay, string error);

    [LoggerMessage(605, LogLevel.Error, "{Count} events were not notified to {Channel} ({Result}): {Error}")]
    public static partial void NotificationsLost(
        ILogger logger, string channel, int count, Notifying.NotificationResult result, string error);

    [LoggerMessage(606, LogLevel.Error, "Notifying {Channel} failed in a way that should not be")]
    public static partial void NotificationFailed(ILogger logger, string channel, Exception exception);

    [LoggerMessage(700, LogLevel.Information, "Put the sidecar into the pod {Pod}")]
    public static partial void SidecarInjected(ILogger logger, string pod);

    [LoggerMessage(701, LogLevel.Warning, "The webhook was asked by {Peer} what it does not understand: {Problem}")]
    public static partial void AdmissionInvalid(ILogger logger, System.Net.IPAddress? peer, string problem);

    [LoggerMessage(702, LogLevel.Information, "Made a certificate for {Host}, good until {Until:u}")]
    public static partial void CertificateIssued(ILogger logger, string host, DateTimeOffset until);

    [LoggerMessage(703, LogLevel.Information, "The webhook serves a certificate for {Host}, good until {Until:u}")]
    public static partial void CertificateServed(ILogger logger, string host, DateTimeOffset until);

    [LoggerMessage(
        704, LogLevel.Information, "Told API servers by the MutatingWebhookConfiguration {Name} whom to trust")]
    public static partial void AuthoritiesAnnounced(ILogger logger, string name);

    [LoggerMessage(705, LogLevel.Warning, "The webhook's certificates cannot be kept (Secret {Namespace}/{Name}, "
        + "MutatingWebhookConfiguration {Name}); trying again: {Error}")]
    public static partial void CertificatesFailed(ILogger logger, string Namespace, string name, string error);
}
