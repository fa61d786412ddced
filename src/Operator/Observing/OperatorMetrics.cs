using System.Globalization;
using Prometheus;
using VipOperator.Operator.Notifying;

namespace VipOperator.Operator.Observing;

/// <summary>What the operator counts. One registry per instance, so that two of them can live in one process.</summary>
internal sealed class OperatorMetrics
{
    private readonly Histogram _planDuration;
    private readonly Counter _steps;
    private readonly Counter _requests;
    private readonly Counter _watchRestarts;
    private readonly Gauge _pendingChanges;
    private readonly Gauge _backingOff;
    private readonly Gauge _leader;
    private readonly Gauge _members;
    private readonly Gauge _readyMembers;
    private readonly Gauge _activeMembers;
    private readonly Gauge _ready;
    private readonly Gauge _condition;
    private readonly Counter _notifications;
    private readonly Counter _notificationFailures;
    private readonly Gauge _notificationQueue;
    private readonly Gauge _notificationSettings;

    /// <summary>The last two labels of each series of <see cref="_condition"/>, by its first two.</summary>
    private readonly Dictionary<(string Namespace, string Name), (string Type, string Reason)[]> _conditions = [];

    public OperatorMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        MetricFactory factory = Metrics.WithCustomRegistry(Registry);
        _planDuration = factory.CreateHistogram(
            "vipoperator_operator_plan_duration_seconds",
            "Time to make one plan, without applying it.",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.000_25, 4, 9) });
        _steps = factory.CreateCounter("vipoperator_operator_steps_total", "Steps of plans, by kind and outcome.", "kind", "outcome");
        _requests = factory.CreateCounter(
            "vipoperator_operator_api_requests_total",
            "Requests to the API server; code 0 means that there was no answer.",
            "verb", "resource", "code");
        _watchRestarts = factory.CreateCounter(
            "vipoperator_operator_watch_restarts_total", "Watches that ended and were begun again.", "resource");
        _pendingChanges = factory.CreateGauge(
            "vipoperator_operator_pending_changes", "Changes heard of since the last plan was begun.");
        _backingOff = factory.CreateGauge(
            "vipoperator_operator_backing_off_virtualips", "VirtualIPs that wait for another try after a failed write.");
        _leader = factory.CreateGauge("vipoperator_operator_leader", "1 while this instance is the one that writes.");
        string[] labels = ["namespace", "virtualip"];
        _members = factory.CreateGauge("vipoperator_virtualip_members", "Members of the VirtualIP; from the leader only.", labels);
        _readyMembers = factory.CreateGauge(
            "vipoperator_virtualip_ready_members", "Members that could take the addresses; from the leader only.", labels);
        _activeMembers = factory.CreateGauge(
            "vipoperator_virtualip_active_members", "Members that say they are Active; 1 is right. From the leader only.", labels);
        _ready = factory.CreateGauge(
            "vipoperator_virtualip_ready", "1 while the VirtualIP's condition Ready is True; from the leader only.", labels);
        _condition = factory.CreateGauge(
            "vipoperator_virtualip_condition",
            "1 while a condition of the VirtualIP is True, 0 while it is not, with its reason; from the leader only.",
            [.. labels, "type", "reason"]);
        _notifications = factory.CreateCounter(
            "vipoperator_notifications_total",
            "Events that a channel was to tell, by what became of them: sent, dropped (the queue was full), rejected (by the server, for good), "
            + "expired (tried for too long), lost (the end came first).",
            "channel", "result");
        _notificationFailures = factory.CreateCounter(
            "vipoperator_notification_failures_total", "Tries to send a message of a channel that failed.", "channel");
        _notificationQueue = factory.CreateGauge(
            "vipoperator_notification_queue_length", "Events that wait to be told or are on their way.", "channel");
        _notificationSettings = factory.CreateGauge(
            "vipoperator_notification_settings_valid",
            "1 when the file of notification settings was taken, 0 when it is wrong; absent without such a file.",
            new GaugeConfiguration { SuppressInitialValue = true });
    }

    public CollectorRegistry Registry { get; }

    public void ObservePlan(TimeSpan duration) => _planDuration.Observe(duration.TotalSeconds);

    public void CountStep(string kind, bool succeeded) => _steps.WithLabels(kind, succeeded ? "success" : "failure").Inc();

    /// <param name="code">0 when there was no answer.</param>
    public void CountRequest(string verb, string resource, int code) =>
        _requests.WithLabels(verb, resource, code.ToString(CultureInfo.InvariantCulture)).Inc();

    public void CountWatchRestart(string resource) => _watchRestarts.WithLabels(resource).Inc();

    public void SetPendingChanges(int count) => _pendingChanges.Set(count);

    public void SetBackingOff(int count) => _backingOff.Set(count);

    public void SetLeader(bool leader) => _leader.Set(leader ? 1 : 0);

    public void CountNotifications(string channel, NotificationResult result, int count) =>
        _notifications.WithLabels(channel, Label(result)).Inc(count);

    public void CountNotificationFailure(string channel) => _notificationFailures.WithLabels(channel).Inc();

    public void SetNotificationQueue(string channel, int length) => _notificationQueue.WithLabels(channel).Set(length);

    /// <summary>Begins all series of a channel, so that the first loss is seen as an increase.</summary>
    public void AddNotificationChannel(string channel)
    {
        foreach (NotificationResult result in Enum.GetValues<NotificationResult>())
            _notifications.WithLabels(channel, Label(result));
        _notificationFailures.WithLabels(channel);
        SetNotificationQueue(channel, 0);
    }

    public void RemoveNotificationQueue(string channel) => _notificationQueue.RemoveLabelled(channel);

    public void SetNotificationSettingsValid(bool valid) => _notificationSettings.Set(valid ? 1 : 0);

    public void SetVirtualIP(string @namespace, string name, int members, int readyMembers, int activeMembers, bool ready)
    {
        _members.WithLabels(@namespace, name).Set(members);
        _readyMembers.WithLabels(@namespace, name).Set(readyMembers);
        _activeMembers.WithLabels(@namespace, name).Set(activeMembers);
        _ready.WithLabels(@namespace, name).Set(ready ? 1 : 0);
    }

    /// <summary>Reports the conditions and forgets reasons that no longer hold; not to be called by two threads at a time.</summary>
    public void SetConditions(string @namespace, string name, IEnumerable<(string Type, string Reason, bool IsTrue)> conditions)
    {
        (string Type, string Reason, bool IsTrue)[] all = [.. conditions];
        (string Type, string Reason)[] labels = [.. all.Select(c => (c.Type, c.Reason))];
        foreach ((string type, string reason) in _conditions.GetValueOrDefault((@namespace, name), []).Except(labels))
            _condition.RemoveLabelled(@namespace, name, type, reason);
        foreach ((string type, string reason, bool isTrue) in all)
            _condition.WithLabels(@namespace, name, type, reason).Set(isTrue ? 1 : 0);
        _conditions[(@namespace, name)] = labels;
    }

    /// <summary>Forgets a VirtualIP that is gone, or that another instance reports on from now on.</summary>
    public void RemoveVirtualIP(string @namespace, string name)
    {
        _members.RemoveLabelled(@namespace, name);
        _readyMembers.RemoveLabelled(@namespace, name);
        _activeMembers.RemoveLabelled(@namespace, name);
        _ready.RemoveLabelled(@namespace, name);
        SetConditions(@namespace, name, []);
        _conditions.Remove((@namespace, name));
    }

    private static string Label(NotificationResult result) => result switch
    {
        NotificationResult.Sent => "sent",
        NotificationResult.Dropped => "dropped",
        NotificationResult.Rejected => "rejected",
        NotificationResult.Expired => "expired",
        NotificationResult.Lost => "lost",
    };
}
