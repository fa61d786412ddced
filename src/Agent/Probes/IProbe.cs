namespace VipOperator.Agent.Probes;

/// <summary>One way to look at a service.</summary>
internal interface IProbe : IDisposable
{
    /// <summary>For a person: "http :80/".</summary>
    string Description { get; }

    /// <summary>
    /// Looks once. Ends by an outcome whatever the service does; cancelled, it ends with
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <param name="passing">The verdict at this moment: while a service passes it is asked where it last
    /// answered.</param>
    Task<ProbeOutcome> RunAsync(bool passing, CancellationToken cancellationToken);

    /// <summary>
    /// Holds a connection open to where the service last answered and returns when it has ended, which is a reason to
    /// probe. null where there is nothing to hold.
    /// </summary>
    Task? HoldAsync(CancellationToken cancellationToken);
}
