using System.Globalization;
using System.Net;
using System.Threading.Channels;
using VipOperator.Api;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Reconciling;

/// <summary>
/// Writes Kubernetes events in the background: they are for people, so nothing waits for them, and when the API server
/// is away the oldest are dropped. The same event again raises the count of the one that is there.
/// </summary>
internal sealed class EventRecorder
{
    private const int LongestQueue = 1024;
    private const int Remembered = 4096;

    /// <summary>What Kubernetes allows, in bytes; our texts are nearly all ASCII, and this leaves room.</summary>
    private const int LongestMessage = 1000;

    private readonly Channel<(RecordEvent Event, DateTimeOffset Time)> _queue =
        Channel.CreateBounded<(RecordEvent, DateTimeOffset)>(
            new BoundedChannelOptions(LongestQueue)
            { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Dictionary<(string Uid, EventReason Reason, string Message), (string Name, int Count)> _known = [];
    private readonly ApiClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _instance;

    public EventRecorder(ApiClient client, TimeProvider time, ILogger<EventRecorder> logger)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _instance = Environment.MachineName;
    }

    public void Record(RecordEvent record)
    {
        if (record.IsWarning)
            Log.WarningRecorded(
                _logger, record.Reason.ToString(), record.VirtualIP.Namespace, record.VirtualIP.Name, record.Message);
        else
            Log.EventRecorded(
                _logger, record.Reason.ToString(), record.VirtualIP.Namespace, record.VirtualIP.Name, record.Message);
        _queue.Writer.TryWrite((record, _time.GetUtcNow()));
    }

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach ((RecordEvent record, DateTimeOffset time) in _queue.Reader.ReadAllAsync(cancellation))
            {
                try
                {
                    await WriteAsync(record, time, cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    // Whatever became of this one, others follow.
                    Log.EventLost(_logger, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task WriteAsync(RecordEvent record, DateTimeOffset time, CancellationToken cancellation)
    {
        (string Uid, EventReason Reason, string Message) key = (record.Uid, record.Reason, record.Message);
        if (_known.TryGetValue(key, out (string Name, int Count) known))
        {
            try
            {
                await _client.MergeAsync(
                    Resource.Events,
                    record.VirtualIP.Namespace,
                    known.Name,
                    new EventRepetition(time, known.Count + 1),
                    ClusterJsonContext.Default.EventRepetition,
                    ClusterJsonContext.Default.JsonElement,
                    cancellation);
                _known[key] = known with { Count = known.Count + 1 };
                return;
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
            {
                // Events live for an hour; a new one, then.
                _known.Remove(key);
            }
        }

        if (_known.Count >= Remembered)
            _known.Clear();
        EventDocument created = DocumentOf(record, time);
        await _client.CreateAsync(
            Resource.Events, record.VirtualIP.Namespace, created,
            ClusterJsonContext.Default.EventDocument, cancellation);
        _known[key] = (created.Metadata.Name!, created.Count);
    }

    private EventDocument DocumentOf(RecordEvent record, DateTimeOffset time) => new()
    {
        Metadata = new ObjectMetadata
        {
            Namespace = record.VirtualIP.Namespace,

            // As Kubernetes' own recorders name them: unique by the time in 100 ns.
            Name = string.Create(CultureInfo.InvariantCulture,
                $"{record.VirtualIP.Name}.{time.UtcTicks:x}{Random.Shared.Next(0x1000):x3}"),
        },
        InvolvedObject = new ObjectReferenceDocument
        {
            ApiVersion = GroupVersion.ApiVersion,
            Kind = VirtualIP.KindName,
            Namespace = record.VirtualIP.Namespace,
            Name = record.VirtualIP.Name,
            Uid = record.Uid,
        },
        Reason = record.Reason.ToString(),
        Message = record.Message.Length > LongestMessage ? record.Message[..LongestMessage] : record.Message,
        Type = record.IsWarning ? "Warning" : "Normal",
        FirstTimestamp = time,
        LastTimestamp = time,
        Count = 1,
        Source = new EventSourceDocument(WellKnown.OperatorFieldManager),
        ReportingComponent = WellKnown.OperatorFieldManager,
        ReportingInstance = _instance,
    };
}
