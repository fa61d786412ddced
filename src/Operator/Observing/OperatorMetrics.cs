using System.Globalization;
using Prometheus;
using VipOperator.Operator.Injecting;
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
    private readonly Counter _notifications;
    private readonly Counter _notificationFailures;
    private readonly Gauge _notificationQueue;
    private readonly Gauge _notificationSettings;
    private readonly Counter _injections;
    private readonly Gauge _injectionCertificate;

    public OperatorMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        MetricFactory factory = Metrics.WithCustomRegistry(Registry);
        _planDuration = factory.CreateHistogram(
            "vipoperator_operator_plan_duration_seconds",
            "Time to make one plan, without applying it.",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.000_25, 4, 9) });
        _steps = factory.CreateCounter(
            "vipoperator_operator_steps_total", "Steps of plans, by kind and outcome.", "kind", "outcome");
        _requests = factory.CreateCounter(
            "vipoperator_operator_api_requests_total",
            "Requests to the API server; code 0 means that there was no answer.",
            "verb", "resource", "code");
        _watchRestarts = factory.CreateCounter(
            "vipoperator_operator_watch_restarts_total", "Watches that ended and were begun again.", "resource");
        _pendingChanges = factory.CreateGauge(
            "vipoperator_operator_pending_changes", "Changes heard of since the last plan was begun.");
        _backingOff = factory.CreateGauge(
            "vipoperator_operator_backing_off_virtualips",
            "VirtualIPs that wait for another try after a failed write.");
        _leader = factory.CreateGauge("vipoperator_operator_leader", "1 while this instance is the one that writes.");
        _notifications = factory.CreateCounter(
            "vipoperator_notifications_total",
            "Events that a channel was to tell, by what became of them: sent, dropped (the queue was full), rejected "
            + "(by the server, for good), expired (tried for too long), lost (the end came first).",
            "channel", "result");
        _notificationFailures = factory.CreateCounter(
            "vipoperator_notification_failures_total", "Tries to send a message of a channel that failed.", "channel");
        _notificationQueue = factory.CreateGauge(
            "vipoperator_notification_queue_length", "Events that wait to be told or are on their way.", "channel");
        _notificationSettings = factory.CreateGauge(
            "vipoperator_notification_settings_valid",
            "1 when the file of notification settings was taken, 0 when it is wrong; absent without such a file.",
            new GaugeConfiguration { SuppressInitialValue = true });
        _injections = factory.CreateCounter(
            "vipoperator_operator_injections_total",
            "Questions to the webhook, by outcome: injected, untouched (no pod that is to have the sidecar, or one "
            + "that has it), invalid.",
            "outcome");
        _injectionCertificate = factory.CreateGauge(
            "vipoperator_operator_injection_certificate_expiry_timestamp_seconds",
            "Until when the certificate is good that the webhook serves, in Unix time; absent without one.",
            new GaugeConfiguration { SuppressInitialValue = true });
    }

    public CollectorRegistry Registry { get; }

    public bool IsLeader { get; private set; }

    public void ObservePlan(TimeSpan duration) => _planDuration.Observe(duration.TotalSeconds);

    public void CountStep(string kind, bool succeeded) =>
        _steps.WithLabels(kind, succeeded ? "success" : "failure").Inc();

    /// <param name="code">0 when there was no answer.</param>
    public void CountRequest(string verb, string resource, int code) =>
        _requests.WithLabels(verb, resource, code.ToString(CultureInfo.InvariantCulture)).Inc();

    public void CountWatchRestart(string resource) => _watchRestarts.WithLabels(resource).Inc();

    public void SetPendingChanges(int count) => _pendingChanges.Set(count);

    public void SetBackingOff(int count) => _backingOff.Set(count);

    public void SetLeader(bool leader)
    {
        IsLeader = leader;
        _leader.Set(leader ? 1 : 0);
    }

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

    public void CountInjection(InjectionOutcome outcome) =>
        _injections.WithLabels(outcome.ToString().ToLowerInvariant()).Inc();

    public void SetInjectionCertificateExpiry(DateTimeOffset notAfter) =>
        _injectionCertificate.Set(notAfter.ToUnixTimeSeconds());

    private static string Label(NotificationResult result) => result switch
    {
        NotificationResult.Sent => "sent",
        NotificationResult.Dropped => "dropped",
        NotificationResult.Rejected => "rejected",
        NotificationResult.Expired => "expired",
        NotificationResult.Lost => "lost",
    };
}
