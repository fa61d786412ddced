using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>What the file given with --notifications says; <see cref="NotificationFile"/> reads it.</summary>
internal sealed record NotificationSettings
{
    public static NotificationSettings None { get; } = new();

    /// <summary>Names the cluster to those who hear of several; empty: not said.</summary>
    public string ClusterName { get; init; } = "";

    /// <summary>Each has a name of its own, and either mail or a webhook.</summary>
    public ValueList<ChannelSettings> Channels { get; init; } = [];
}

/// <summary>To whom, of what, how often.</summary>
internal sealed record ChannelSettings
{
    /// <summary>All that needs a look, the ends of it, and who is Active; not what people do themselves.</summary>
    public static ValueList<EventReason> DefaultReasons { get; } =
    [
        .. Enum.GetValues<EventReason>()
            .Where(r => r is EventReason.ActiveChanged or EventReason.Undisturbed
                || Notification.SeverityOf(r) > Severity.Normal),
    ];

    public required string Name { get; init; }

    public Severity MinimumSeverity { get; init; } = Severity.Normal;

    public ValueList<EventReason> Reasons { get; init; } = DefaultReasons;

    /// <summary>Empty: all.</summary>
    public ValueList<string> Namespaces { get; init; } = [];

    /// <summary>
    /// A message waits until nothing more has come for this long, at most for <see cref="LongestGathering"/> times it.
    /// </summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromSeconds(3);

    public const int LongestGathering = 4;

    /// <summary>Messages per <see cref="RateInterval"/>; so many may go at once.</summary>
    public int RateMessages { get; init; } = 20;

    public TimeSpan RateInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a message is tried again before it is given up.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromHours(1);

    public MailSettings? Mail { get; init; }

    public WebhookSettings? Webhook { get; init; }

    public bool Wants(EventReason reason, string @namespace) =>
        Notification.SeverityOf(reason) >= MinimumSeverity
        && Reasons.Contains(reason)
        && (Namespaces.Count == 0 || Namespaces.Contains(@namespace));
}

internal enum TlsMode
{
    /// <summary>STARTTLS, or no mail.</summary>
    Required,

    /// <summary>
    /// STARTTLS where the server offers it. Without a password, any certificate will do: who could forge it could as
    /// well take the offer away.
    /// </summary>
    Opportunistic,

    /// <summary>TLS from the first byte.</summary>
    Implicit,
}

internal sealed record MailSettings
{
    public required string Server { get; init; }

    public required int Port { get; init; }

    public TlsMode TlsMode { get; init; } = TlsMode.Required;

    /// <summary>PEM; trusted beside the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>null together with <see cref="PasswordFile"/>: no AUTH.</summary>
    public string? UsernameFile { get; init; }

    public string? PasswordFile { get; init; }

    /// <summary>A mailbox as in RFC 5322, with or without a name.</summary>
    public required string From { get; init; }

    public required ValueList<string> To { get; init; }

    /// <summary>For a whole try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

internal sealed record WebhookSettings
{
    /// <summary>Either this or <see cref="UrlFile"/>, for addresses that are secrets themselves.</summary>
    public string? Url { get; init; }

    public string? UrlFile { get; init; }

    /// <summary>null: not signed.</summary>
    public string? SigningKeyFile { get; init; }

    /// <summary>PEM; trusted beside the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>For a whole try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
