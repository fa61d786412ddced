using System.Globalization;
using System.Text;
using VipOperator.Api;

namespace VipOperator.Bench.Failover.Speakers;

/// <summary>A plan as the sidecar's configuration file: a VirtualIPMember for each router.</summary>
internal static class OurConfiguration
{
    public static string Write(SpeakerPlan plan)
    {
        StringBuilder text = new();
        for (int i = 0; i < plan.Routers.Count; i++)
        {
            RouterPart router = plan.Routers[i];
            text.Append(CultureInfo.InvariantCulture, $$"""
                ---
                apiVersion: {{GroupVersion.ApiVersion}}
                kind: {{VirtualIPMember.KindName}}
                metadata: {name: web{{i}}}
                spec:
                  addresses: [{{router.Address}}]
                  interfaceName: {{router.Link}}
                  virtualRouterId: {{router.Id}}
                  priority: {{plan.Priority}}
                  vrrp: {version: {{plan.Timing.Version}}, advertisementInterval: {{plan.Timing.IntervalMilliseconds}}ms}

                """);
            if (plan.Check != NginxCheck.None)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""
                      probe: {http: {port: 80}, interval: 1s, timeout: 1s, failureThreshold: {{plan.Threshold.Fall}}, successThreshold: {{plan.Threshold.Rise}}}

                    """);
            }
        }

        return text.ToString();
    }
}
