using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Routers;

/// <summary>The way to the privileged half.</summary>
internal interface ISidecar
{
    /// <summary>
    /// Sends what <paramref name="write"/> writes, at once and in order. When the sidecar is gone nothing happens.
    /// </summary>
    void Send(Action<WireWriter> write);
}
