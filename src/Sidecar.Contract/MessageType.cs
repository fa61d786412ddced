namespace VipOperator.Sidecar.Contract;

/// <summary>The type byte of a frame.</summary>
public enum MessageType : byte
{
    /// <summary>Both ways, first: <see cref="HelloMessage"/>.</summary>
    Hello = 1,

    /// <summary>Agent to sidecar: <see cref="ConfigureMessage"/>.</summary>
    Configure = 2,

    /// <summary>Agent to sidecar: <see cref="HealthMessage"/>.</summary>
    Health = 3,

    /// <summary>Agent to sidecar: <see cref="HandoverMessage"/>.</summary>
    Handover = 4,

    /// <summary>
    /// Agent to sidecar, no payload: send the reports of all routers, the heard ones and the process, then <see
    /// cref="ReportEnd"/>.
    /// </summary>
    ReportRequest = 5,

    /// <summary>Agent to sidecar: <see cref="CaptureMessage"/>.</summary>
    Capture = 6,

    /// <summary>Agent to sidecar, no payload: the answer to <see cref="Ping"/>.</summary>
    Pong = 7,

    /// <summary>Sidecar to agent: <see cref="RouterReport"/>, on each transition and on request.</summary>
    RouterReport = 16,

    /// <summary>Sidecar to agent: <see cref="HeardReport"/>, on request and when somebody new is heard.</summary>
    HeardReport = 17,

    /// <summary>Sidecar to agent: <see cref="ProcessReport"/>, on request.</summary>
    ProcessReport = 18,

    /// <summary>Sidecar to agent, no payload: all that a <see cref="ReportRequest"/> asked for has been sent.</summary>
    ReportEnd = 19,

    /// <summary>Sidecar to agent: <see cref="ConfigureResult"/>.</summary>
    ConfigureResult = 20,

    /// <summary>Sidecar to agent: <see cref="CapturedReport"/>, while a <see cref="CaptureMessage"/> holds.</summary>
    CapturedReport = 21,

    /// <summary>
    /// Sidecar to agent, no payload, every few seconds: a sign of life, and a question for one of the agent's.
    /// </summary>
    Ping = 22,
}
