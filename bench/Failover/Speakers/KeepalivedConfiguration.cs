using System.Globalization;
using System.Text;

namespace VipOperator.Bench.Failover.Speakers;

/// <summary>A plan as keepalived.conf, in the way of the tutorials.</summary>
internal static class KeepalivedConfiguration
{
    private const int RealtimePriority = 50; // As ours by default, where it is granted.

    /// <param name="initialState">MASTER or BACKUP.</param>
    public static string Write(SpeakerPlan plan, string initialState)
    {
        StringBuilder text = new();
        string realtime = plan.Realtime
            ? string.Create(CultureInfo.InvariantCulture, $"\n  vrrp_rt_priority {RealtimePriority}\n  vrrp_no_swap")
            : "";
        text.Append(CultureInfo.InvariantCulture, $$"""
            global_defs {
              router_id bench
              vrrp_version {{plan.Timing.Version}}
              script_user root{{realtime}}
            }
            {{Check(plan)}}

            """);
        for (int i = 0; i < plan.Routers.Count; i++)
            AppendInstance(text, plan, initialState, i);
        return text.ToString();
    }

    private static void AppendInstance(StringBuilder text, SpeakerPlan plan, string initialState, int number)
    {
        RouterPart router = plan.Routers[number];
        // Version 3 has no authentication.
        string authentication = plan.Timing.Version == 2
            ? "\n  authentication {\n    auth_type PASS\n    auth_pass 1111222\n  }"
            : "";
        string track = plan.Check switch
        {
            NginxCheck.None => "",
            NginxCheck.Process => "\n  track_process {\n    nginx\n  }",
            NginxCheck.Script => "\n  track_script {\n    nginx\n  }",
        };
        text.Append(CultureInfo.InvariantCulture, $$"""
            vrrp_instance web{{number}} {
              state {{initialState}}
              interface {{router.Link}}
              virtual_router_id {{router.Id}}
              priority {{plan.Priority}}
              advert_int {{plan.Timing.Interval.TotalSeconds}}{{authentication}}
              virtual_ipaddress {
                {{router.Address}}
              }{{track}}
            }

            """);
    }

    private static string Check(SpeakerPlan plan) => plan.Check switch
    {
        NginxCheck.None => "",
        NginxCheck.Process => $$"""
            vrrp_track_process nginx {
              process {{plan.NginxName}}
            }
            """,
        NginxCheck.Script => string.Create(CultureInfo.InvariantCulture, $$"""
            vrrp_script nginx {
              script "/usr/bin/curl -sf -m 1 -o /dev/null http://127.0.0.1/"
              interval 1
              timeout 2
              fall {{plan.Threshold.Fall}}
              rise {{plan.Threshold.Rise}}
            }
            """),
    };
}
