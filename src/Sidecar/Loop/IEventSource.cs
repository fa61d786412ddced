using VipOperator.Sidecar.Linux;

namespace VipOperator.Sidecar.Loop;

/// <summary>
/// Something with a descriptor that the <see cref="EventLoop"/> watches. Called on the loop's thread.
/// </summary>
internal interface IEventSource
{
    void OnReady(Readiness readiness);
}
