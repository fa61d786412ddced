using VipOperator.Sidecar.Contract;

namespace VipOperator.Sidecar.Agent;

/// <summary>What an agent can ask for.</summary>
internal interface IAgentRequests
{
    void Configure(ConfigureMessage message);

    void SetHealth(HealthMessage message);

    void HandOver(HandoverMessage message);

    void ReportAll();

    void Capture(CaptureMessage message);
}
