using System.Collections.Immutable;
using System.Security.Cryptography;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Mapping;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// Tells people and programs outside of the cluster what happens to VirtualIPs. It hears of an event when the status
/// that shows it has been written, so who leads next finds it there and does not tell it again (docs/adr/0026).
/// </summary>
internal sealed class Notifier
{
    /// <summary>How long what is left may take at the end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    /// <summary>A mounted ConfigMap comes up to a minute late anyway.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<Task> _retired = [];
    private ImmutableArray<NotificationChannel> _channels = [];
    private volatile string _cluster = "";
    private byte[] _seen = [];

    public Notifier(OperatorSettings settings, TimeProvider time, OperatorMetrics metrics, ILogger<Notifier> logger)
    {
        _path = settings.NotificationsFile;
        _time = time;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>Never waits.</summary>
    /// <param name="entry">The VirtualIP as it is known now.</param>
    public void Notify(RecordEvent record, VirtualIPEntry? entry)
    {
        Notification? notification = null;
        foreach (NotificationChannel channel in _channels)
        {
            if (channel.Settings.Wants(record.Reason, record.VirtualIP.Namespace))
                channel.Offer(notification ??= Notification.Of(record, entry, _time.GetUtcNow()));
        }
    }

    /// <summary>Follows the file until cancelled, and then sends what is left.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (_path is null)
            return;
        using PeriodicTimer timer = new(LookInterval, _time);
        try
        {
            do
                Look(_path);
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }

        await Task.WhenAll([.. _channels.Select(c => c.EndAsync(Grace)), .. _retired]);
    }

    /// <summary>Takes what the file says if it says something new.</summary>
    private void Look(string path)
    {
        // A file that cannot be read has no content, which is news once.
        byte[] content = Digest(path);
        if (content.AsSpan().SequenceEqual(_seen))
            return;
        _seen = content;
        NotificationFile file = NotificationFile.Load(path);
        _metrics.SetNotificationSettingsValid(file.Settings is not null);
        if (file.Settings is { } settings)
        {
            Apply(settings);
            Log.NotificationSettingsTaken(_logger, path, settings.Channels.Count);
            return;
        }

        foreach (string problem in file.Problems)
            Log.NotificationSettingsProblem(_logger, problem);
        Log.NotificationSettingsRefused(_logger, path, _channels.Length);
    }

    /// <summary>A channel that stays keeps its queue.</summary>
    internal void Apply(NotificationSettings settings)
    {
        lock (_lock)
        {
            bool renamed = _cluster != settings.ClusterName;
            _cluster = settings.ClusterName;
            Dictionary<string, NotificationChannel> before = _channels.ToDictionary(c => c.Settings.Name);
            ImmutableArray<NotificationChannel>.Builder after = ImmutableArray.CreateBuilder<NotificationChannel>();
            foreach (ChannelSettings channel in settings.Channels)
            {
                if (!before.Remove(channel.Name, out NotificationChannel? known))
                    known = new NotificationChannel(
                        channel, (batch, with) => Delivery.Of(batch, with, _cluster, _time), _time, _metrics, _logger);
                else if (known.Settings != channel || renamed)
                    known.Configure(channel);
                after.Add(known);
            }

            _channels = after.ToImmutable();
            _retired.RemoveAll(t => t.IsCompleted);
            _retired.AddRange(before.Values.Select(c => c.EndAsync(Grace)));
        }
    }

    private static byte[] Digest(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return SHA256.HashData(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [0];
        }
    }
}
