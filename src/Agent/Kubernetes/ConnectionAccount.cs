using VipOperator.Agent.Probes;

namespace VipOperator.Agent.Kubernetes;

/// <summary>How the agent gets on with the API server. Not safe for several threads: the owner has a lock.</summary>
internal sealed class ConnectionAccount(TimeProvider time)
{
    private bool _connected;
    private DateTimeOffset _since = time.ToWallClock(time.GetMonotonicTime());
    private string? _message;
    private long _lists;
    private long _watches;
    private long _errors;

    /// <summary>From which a watch goes on; null before the first list.</summary>
    public string? ResourceVersion { get; private set; }

    public ApiSnapshot Snapshot(Uri server, StatusWriter status) => new()
    {
        Server = server.ToString(),
        Connected = _connected,
        Since = _since,
        Message = _message,
        ResourceVersion = ResourceVersion,
        Lists = _lists,
        Watches = _watches,
        Errors = _errors,
        StatusWrites = status.Writes,
        StatusWriteErrors = status.Errors,
    };

    /// <returns>Whether it was not connected before.</returns>
    public bool Listed(string resourceVersion)
    {
        _lists++;
        _message = null;
        ResourceVersion = resourceVersion;
        bool back = !_connected;
        Turn(connected: true);
        return back;
    }

    public void Watching() => _watches++;

    public void Heard(string resourceVersion) => ResourceVersion = resourceVersion;

    /// <returns>Whether an outage begins with it.</returns>
    public bool Failed(string message)
    {
        _errors++;
        bool lost = _connected || _message is null;
        _message = message;
        Turn(connected: false);
        return lost;
    }

    private void Turn(bool connected)
    {
        if (_connected != connected)
            _since = time.ToWallClock(time.GetMonotonicTime());
        _connected = connected;
    }
}
