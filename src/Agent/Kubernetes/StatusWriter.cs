using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Probes;
using VipOperator.Agent.Routers;
using VipOperator.Api;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Kubernetes;

/// <summary>
/// Writes member status by server-side apply, and only what differs from what the API server has: a quiet cluster gets
/// no writes. A change is written at once, further ones of the same member after a short while; failures are tried
/// again for as long as it takes, each member's for itself: one that is refused must not keep back the others'.
/// </summary>
internal sealed class StatusWriter : IDisposable
{
    /// <summary>Between two writes of one member: at most five a second.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(4);

    /// <summary>How often speakers that were heard are looked at again, to forget those that fell silent.</summary>
    private static readonly TimeSpan HeardRefresh = TimeSpan.FromMinutes(1);

    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");

    private readonly ApiConnection _api;
    private readonly Coordinator _coordinator;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();

    // Guarded by _gate: what the API server has, by the member's key.
    private readonly Dictionary<string, byte[]> _known = new(StringComparer.Ordinal);

    // Guarded by _writing.
    private readonly Dictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private readonly Backoff _unreachable = new(FirstRetry, LongestRetry);

    private volatile bool _retry;
    private long _writes;
    private long _errors;

    public StatusWriter(ApiConnection api, Coordinator coordinator, TimeProvider time, ILogger log)
    {
        _api = api;
        _coordinator = coordinator;
        _time = time;
        _log = log;
        coordinator.Changed += Signal;
    }

    public long Writes => Interlocked.Read(ref _writes);

    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>What a list says the API server has; null: no status yet.</summary>
    public void Observe(string key, VirtualIPMemberStatus? status)
    {
        lock (_gate)
            _known[key] = status is null ? [] : Serialize(status);
    }

    public void Forget(string key)
    {
        lock (_gate)
            _known.Remove(key);
    }

    /// <summary>The API server is back: write now what waits.</summary>
    public void Retry()
    {
        _retry = true;
        Signal();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        while (true)
        {
            bool signalled = await _changed.WaitAsync(wait, cancellationToken).ConfigureAwait(false);
            if (!signalled && wait == HeardRefresh)
                await _coordinator.RefreshAsync(cancellationToken).ConfigureAwait(false);
            wait = await WriteAsync(flush: false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes everything that waits, once.</summary>
    /// <returns>When to look again, if nothing changes before.</returns>
    public async Task<TimeSpan> WriteAsync(bool flush, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            AgentSnapshot agent = _coordinator.Snapshot();
            Forget(agent.Members);
            TimeSpan next = agent.Heard.IsEmpty ? Timeout.InfiniteTimeSpan : HeardRefresh;
            foreach (MemberSnapshot member in agent.Members.Where(m => m.Uid is not null))
            {
                if (MemberStatusBuilder.Build(member, agent.Heard) is not { } status)
                    continue;
                byte[] wanted = Serialize(status);
                if (IsKnown(member.Key, wanted))
                    continue;
                TimeSpan left = TimeUntil(member.Key);
                if (left > TimeSpan.Zero && !flush)
                {
                    next = Sooner(next, left);
                    continue;
                }

                switch (await TryWriteAsync(member, status, wanted, cancellationToken).ConfigureAwait(false))
                {
                    case Outcome.Done:
                        break;
                    case Outcome.Failed:
                        next = Sooner(next, TimeUntil(member.Key));
                        break;
                    case Outcome.Unreachable:
                        return _unreachable.Next();
                }
            }

            return next;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        _coordinator.Changed -= Signal;
        _changed.Dispose();
        _writing.Dispose();
    }

    private static byte[] Serialize(VirtualIPMemberStatus status) =>
        JsonSerializer.SerializeToUtf8Bytes(status, ApiJsonContext.Default.VirtualIPMemberStatus);

    private static TimeSpan Sooner(TimeSpan left, TimeSpan right) =>
        left == Timeout.InfiniteTimeSpan || right < left ? right : left;

    private TimeSpan TimeUntil(string key) =>
        _paces.TryGetValue(key, out Pace? pace) ? pace.NotBefore.Until(_time.GetMonotonicTime()) : TimeSpan.Zero;

    // What was tried of members that are gone, and of all once the API server is back.
    private void Forget(ImmutableArray<MemberSnapshot> members)
    {
        foreach (string gone in _paces.Keys.Except(members.Select(m => m.Key)).ToArray())
            _paces.Remove(gone);
        if (!_retry)
            return;
        _retry = false;
        _unreachable.Reset();
        foreach (Pace pace in _paces.Values.Where(p => p.Failing))
        {
            pace.Retries.Reset();
            pace.NotBefore = default;
        }
    }

    private void Know(string key, byte[] status)
    {
        lock (_gate)
            _known[key] = status;
    }

    private bool IsKnown(string key, byte[] status)
    {
        lock (_gate)
            return _known.TryGetValue(key, out byte[]? known) && known.AsSpan().SequenceEqual(status);
    }

    private void Signal()
    {
        lock (_gate)
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    private async Task<Outcome> TryWriteAsync(
        MemberSnapshot member, VirtualIPMemberStatus status, byte[] wanted, CancellationToken cancellationToken)
    {
        if (!_paces.TryGetValue(member.Key, out Pace? pace))
            _paces[member.Key] = pace = new Pace();
        pace.NotBefore = _time.GetMonotonicTime().Plus(Spacing);
        string path =
            $"apis/{GroupVersion.Group}/{GroupVersion.Version}/namespaces/{Uri.EscapeDataString(member.Namespace)}/"
            + $"{VirtualIPMember.Plural}/{Uri.EscapeDataString(member.Name)}/status?fieldManager={WellKnown.AgentFieldManager}&force=true";
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RequestTimeout);
        try
        {
            using ReadOnlyMemoryContent body = new(Patch(member, wanted));
            body.Headers.ContentType = ApplyPatch;
            using HttpResponseMessage response =
                await _api.SendAsync(HttpMethod.Patch, path, body, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw await MemberFeed.ReadErrorAsync(response, limit.Token).ConfigureAwait(false);
            // Read to the end, so that the connection can be used again.
            await response.Content.CopyToAsync(Stream.Null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _errors);
            if (!pace.Failing)
                Log.StatusNotWritten(_log, member.Key, e.Message);
            pace.Failing = true;
            if (IsFinal(e))
            {
                Know(member.Key, wanted);
                return Outcome.Done;
            }

            if (IsUnreachable(e))
                return Outcome.Unreachable;
            pace.NotBefore = _time.GetMonotonicTime().Plus(pace.Retries.Next());
            return Outcome.Failed;
        }

        Interlocked.Increment(ref _writes);
        pace.Failing = false;
        pace.Retries.Reset();
        _unreachable.Reset();
        Know(member.Key, wanted);
        Log.StatusWritten(_log, member.Key, status.State.ToString());
        return Outcome.Done;
    }

    private static bool IsFailure(Exception e) =>
        e is HttpRequestException or ApiException or OperationCanceledException or IOException;

    // Nothing was asked yet: the others would fare no better.
    private static bool IsUnreachable(Exception e) =>
        e is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.UserAuthenticationError
        };

    // The member is gone or another one of its name (the uid differs), or the server finds the status invalid: it would
    // say the same again, until the member or its status changes.
    private static bool IsFinal(Exception e) =>
        e is ApiException
        {
            Status: HttpStatusCode.NotFound or HttpStatusCode.Conflict
            or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest
        };

    private static ReadOnlyMemory<byte> Patch(MemberSnapshot member, byte[] status)
    {
        ArrayBufferWriter<byte> output = new(status.Length + 512);
        using Utf8JsonWriter json = new(output);
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, GroupVersion.ApiVersion);
        json.WriteString("kind"u8, VirtualIPMember.KindName);
        json.WriteStartObject("metadata"u8);
        json.WriteString("name"u8, member.Name);
        json.WriteString("namespace"u8, member.Namespace);
        json.WriteString("uid"u8, member.Uid);
        json.WriteEndObject();
        json.WritePropertyName("status"u8);
        json.WriteRawValue(status, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>How it went with one member.</summary>
    private enum Outcome
    {
        /// <summary>Written, or refused for good.</summary>
        Done,

        /// <summary>To be tried again; the other members may fare better.</summary>
        Failed,

        /// <summary>There is no API server to be asked.</summary>
        Unreachable,
    }

    /// <summary>When a member's status may be written again.</summary>
    private sealed class Pace
    {
        public MonotonicTime NotBefore { get; set; }

        /// <summary>Whether the last attempt failed: an outage is logged once.</summary>
        public bool Failing { get; set; }

        public Backoff Retries { get; } = new(FirstRetry, LongestRetry);
    }
}
