using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VipOperator.Charts.Tests;

/// <summary>What the charts make of values, and which values they refuse.</summary>
public sealed class RenderTests
{
    private const string EachSidecarSetting = "sidecar.keepalivedMetrics=true,sidecar.realtimePriority=80,"
        + "sidecar.lockMemory=false,sidecar.sweep=false,sidecar.probeAddress=192.0.2.1";

    /// <summary>
    /// A chart and the values that it is rendered with; between them they reach every template and most branches.
    /// </summary>
    public static TheoryData<string, string[]> Cases => new()
    {
        { Chart.Operator, [] },
        {
            Chart.Operator,
            [
                "--set", "serviceMonitor.enabled=true,podMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true",
                "--set", "serviceMonitor.interval=15s,podMonitor.labels.release=prometheus,prometheusRule.alertLabels.team=net",
                "--set", "prometheusRule.alerts.VirtualIPFlapping.enabled=false,prometheusRule.alerts.VirtualIPNoActive.severity=page",
                "--set", "prometheusRule.runbookUrl=https://example.org/alerts,grafanaDashboard.annotations.grafana_folder=Network",
            ]
        },
        {
            Chart.Operator,
            [
                "--set", "watchNamespace=apps,replicas=1,leaderElection.enabled=false,crds.install=false,admissionPolicies.enabled=false",
                "--set", "podMonitor.enabled=true,sidecar.createClusterRole=false,networkPolicy.enabled=false",
            ]
        },
        {
            Chart.Operator,
            [
                "--set", "priorityClass.create=true,priorityClass.name=vip,crds.keep=false,image.digest=sha256:"
                    + Digest,
                "--set", "nameOverride=vips,commonLabels.team=net,serviceAccount.create=false,serviceAccount.name=own",
                "--set", "extraArgs={--namespace=x}",
                "--set-json", """tolerations=[{"operator":"Exists"}]""", "--set-json", """affinity={"nodeAffinity":{}}""",
                "--set-json", """topologySpreadConstraints=[{"maxSkew":2,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}]""",
                "--set-json", """networkPolicy.from=[{"namespaceSelector":{}}]""",
                "--set-json", """networkPolicy.egress=[{"ports":[{"port":6443,"protocol":"TCP"}]}]""",
                "--set-json",
                """extraObjects=[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{ .Release.Name }}-own"}}]""",
            ]
        },
        {
            Chart.Operator,
            [
                "--set", "notifications.clusterName=production,notifications.secretName=notifications",
                "--set-json",
                """
                notifications.channels=[{"name":"operations","minimumSeverity":"Warning","rateLimit":{"messages":5,"interval":"10m"},
                "mail":{"server":"smtp.example.org","tls":{"mode":"Required"},"from":"vip@example.org","to":["ops@example.org"],
                "authentication":{"usernameFile":"/etc/vip-operator/notifications/username","passwordFile":"/etc/vip-operator/notifications/password"}}},
                {"name":"pager","reasons":["NoActive"],"webhook":{"url":"https://pager.example.org/","timeout":"5s"}}]
                """,
            ]
        },
        {
            Chart.Operator,
            [
                "--set", "injection.mode=auto", "--api-versions",
                "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy",
                "--set", "injection.failurePolicy=Ignore,injection.namespaceSelector.matchLabels.team=net",
                "--set", "injection.sidecar.realtime=true,injection.sidecar.extraArgs={--no-sweep},injection.sidecar.resources=null",
            ]
        },
        {
            Chart.Operator,
            [
                "--set", "injection.mode=auto,injection.port=10443,injection.sidecar.image.digest=sha256:" + Digest,
                "--set-json", """injection.namespaceSelector.matchExpressions=[{"key":"team","operator":"Exists"}]""",
                "--set-json", """notifications.channels=[{"name":"pager","webhook":{"url":"https://pager.example.org/"}}]""",
            ]
        },
        { Chart.Nginx, Chart.Address },
        {
            Chart.Nginx,
            [
                "--set", "kind=Deployment,replicas=3,virtualIP.addresses={192.168.1.108/32,2001:db8::108},virtualIP.name=site",
                "--set", "virtualIP.vrrp.version=3,virtualIP.vrrp.advertisementInterval=100ms,virtualIP.priority.highest=200",
                "--set", "authentication.type=HMAC,authentication.existingSecret=vrrp,sidecar.secrets={other},sidecar.realtime=true",
                "--set", "nginx.port=8080,virtualIP.interfaceName=eth0,virtualIP.virtualRouterId=51,sidecar.keepalivedMetrics=true",
                "--set", "sidecar.metricsAddress=127.0.0.1:9442",
            ]
        },
        {
            Chart.Nginx,
            [
                .. Chart.Address, "--set", "authentication.type=Simple,virtualIP.vrrp.version=2",
                "--set-string", "authentication.password=1111222",
                "--set", "shareProcessNamespace=true,virtualIP.probe.process.name=nginx",
                "--set", "nginx.extraPorts[0].name=https,nginx.extraPorts[0].port=443",
                "--set", "nginx.config=events {},nginx.files.a\\.html=hello,updateStrategy.type=OnDelete",
            ]
        },
        {
            Chart.Nginx,
            [.. Chart.Address, "--set", "kind=Deployment,updateStrategy.type=Recreate,nginx.ipv6=false"]
        },
        {
            Chart.Nginx,
            ["--set", "virtualIP.create=false,nginx.existingConfigMap=own,serviceAccount.create=false,serviceAccount.name=own"]
        },
    };

    private static string Digest => new('a', 64);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Chart_Renders(string chart, string[] values)
    {
        Rendering rendering = await Chart.RenderAsync(chart, values);

        Assert.NotEmpty(rendering.Objects);
        Assert.NotEmpty(rendering.Notes);
        Assert.Equal(rendering.Objects.Count,
            rendering.Objects.DistinctBy(o => (o.ApiVersion, o.Kind, o.Namespace, o.Name)).Count());
        Assert.All(rendering.Objects.Where(o => !o.Source.EndsWith("/extra.yaml", StringComparison.Ordinal)), o =>
            Assert.Equal("Helm", o.Json["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]!.GetValue<string>()));
    }

    [Fact]
    public async Task RealHelm_RendersTheSame()
    {
        Helm.SkipWithout();
        foreach (TheoryDataRow<string, string[]> row in Cases)
        {
            (string chart, string[] values) = row.Data;
            ToolOutput ours = await Chart.TemplateAsync(chart, "web", "apps", values);
            Assert.True(ours.Succeeded, ours.Errors);
            foreach (string helm in Helm.Programs)
            {
                // Helm learned --set-json with 3.10.
                ToolOutput version = await Tool.RunAsync(helm, ["version", "--short"]);
                if (version.Text.StartsWith("v3.8", StringComparison.Ordinal) && values.Contains("--set-json"))
                    continue;
                ToolOutput theirs = await Tool.RunAsync(
                    helm, ["template", "web", chart, "--namespace", "apps", "--kube-version", "v1.36.0", .. values]);

                Assert.True(theirs.Succeeded, theirs.Errors);
                Assert.Equal(Normal(theirs.Text), Normal(ours.Text));
            }
        }

        static string Normal(string text) =>
            string.Join('\n', text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0));
    }

    [Theory]
    [InlineData(Chart.Operator)]
    [InlineData(Chart.Nginx)]
    public async Task Chart_PassesLint(string chart)
    {
        ToolOutput output = await Tool.RunAsync(await Chart.RendererAsync(), ["lint", chart]);

        Assert.True(output.Succeeded, output.Text + output.Errors);
        foreach (string helm in Helm.Programs)
        {
            ToolOutput theirs = await Tool.RunAsync(
                helm, ["lint", "--strict", chart, "--set", chart == Chart.Nginx
                    ? "virtualIP.addresses={192.168.1.108}" : "port=8080"]);
            Assert.True(theirs.Succeeded, theirs.Text + theirs.Errors);
        }
    }

    [Theory]
    [InlineData(Chart.Operator, "replicas=two", "replicas")]
    [InlineData(Chart.Operator, "replicas=0", "replicas")]
    [InlineData(Chart.Operator, "replica=3", "Additional property replica is not allowed")]
    [InlineData(Chart.Operator, "log.level=verbose", "log.level must be one of the following")]
    [InlineData(Chart.Operator, "leaderElection.leaseDuration=15", "leaderElection.leaseDuration")]
    [InlineData(Chart.Operator, "image.digest=latest", "image.digest")]
    [InlineData(Chart.Operator, "concurrentWrites=65", "concurrentWrites: Must be less than or equal to 64")]
    [InlineData(Chart.Operator, "leaderElection.enabled=false", "more than one operator needs leaderElection.enabled")]
    [InlineData(Chart.Operator, "priorityClass.create=true", "names that begin with system- are the cluster's own")]
    [InlineData(Chart.Operator, "serviceAccount.create=false", "serviceAccount.name is needed")]
    [InlineData(Chart.Operator, "serviceMonitor.enabled=true,service.enabled=false",
        "serviceMonitor.enabled needs service.enabled")]
    [InlineData(Chart.Operator, "prometheusRule.enabled=true,prometheusRule.alerts.Typo.enabled=false",
        "there is no alert Typo")]
    [InlineData(Chart.Nginx, "virtualIP.addresses={}", "virtualIP.addresses is needed")]
    [InlineData(Chart.Nginx, "virtualIP.addresses={192.168.1.x}", "virtualIP.addresses.0: Does not match pattern")]
    [InlineData(Chart.Nginx, "virtualIP.virtualRouterId=256", "virtualRouterId: Must be less than or equal to 255")]
    [InlineData(Chart.Nginx, "kind=StatefulSet", "kind must be one of the following")]
    [InlineData(Chart.Nginx, "kind=Deployment,updateStrategy.type=OnDelete",
        "updateStrategy.type must be one of the following: \"RollingUpdate\", \"Recreate\"")]
    [InlineData(Chart.Nginx, "kind=DaemonSet,updateStrategy.type=Recreate",
        "updateStrategy.type must be one of the following: \"RollingUpdate\", \"OnDelete\"")]
    [InlineData(Chart.Nginx, "nginx.port=0", "nginx.port: Must be greater than or equal to 1")]
    [InlineData(Chart.Nginx, "nginx.ipv6=false,virtualIP.addresses={2001:db8::108}", "nginx does not listen on IPv6")]
    [InlineData(Chart.Nginx, "authentication.type=Simple,authentication.password=x",
        "exists in version 2 of the protocol alone")]
    [InlineData(
        Chart.Nginx, "authentication.type=HMAC", "needs authentication.password or authentication.existingSecret")]
    [InlineData(Chart.Nginx, "authentication.password=1111222", "password: Invalid type. Expected: string")]
    [InlineData(Chart.Nginx, "virtualIP.vrrp.authentication.type=None", "set the chart's own value authentication")]
    [InlineData(Chart.Nginx, "virtualIP.probe.process.name=nginx", "needs shareProcessNamespace")]
    [InlineData(Chart.Nginx, "sidecar.metricsAddress=9441", "sidecar.metricsAddress")]
    [InlineData(Chart.Nginx, "sidecar.realtimePriority=100",
        "sidecar.realtimePriority: Must be less than or equal to 99")]
    [InlineData(Chart.Nginx, "sidecar.probeAddress=web", "sidecar.probeAddress")]
    public async Task WrongValue_IsRefusedByItsName(string chart, string value, string message)
    {
        string[] values = [.. chart == Chart.Nginx ? Chart.Address : [], "--set", value];
        ToolOutput output = await Chart.TemplateAsync(chart, "web", "apps", values);

        Assert.False(output.Succeeded);
        Assert.Contains(message, output.Errors, StringComparison.Ordinal);
        foreach (string helm in Helm.Programs)
            Assert.False(
                (await Tool.RunAsync(helm, ["template", chart, "--kube-version", "v1.36.0", .. values])).Succeeded);
    }

    /// <summary>
    /// What the pods say to the programs is what those understand; docs/settings.md is made from what they say of
    /// themselves.
    /// </summary>
    [Fact]
    public async Task Settings_AreThoseOfThePrograms()
    {
        string known = await File.ReadAllTextAsync(
            SourceTree.At("docs", "settings.md"), TestContext.Current.CancellationToken);
        JsonNode operators = (await Chart.RenderAsync(Chart.Operator, "--set", "watchNamespace=apps"))
            .Single("Deployment").Container("vip-operator");
        JsonNode sidecar =
            (await Chart.RenderAsync(Chart.Nginx, [.. Chart.Address, "--set", EachSidecarSetting]))
            .Single("DaemonSet").Container("vip-sidecar");

        string[] flags =
        [
            .. operators["args"]!.AsArray().Select(a => a!.GetValue<string>().Split('=')[0]),
            .. sidecar["lifecycle"]!["preStop"]!["exec"]!["command"]!.AsArray()
                .Select(a => a!.GetValue<string>()).Where(a => a.StartsWith('-')),
        ];
        string[] variables = [.. sidecar["env"]!.AsArray().Select(v => v!["name"]!.GetValue<string>())];

        Assert.All(flags, flag => Assert.Matches($@"(?m)^\s+{flag}\b", known));
        Assert.All(variables, variable => Assert.Contains($"({variable})", known, StringComparison.Ordinal));
    }

    /// <summary>Each setting of the sidecar has a value, but for those that docs/settings.md names.</summary>
    [Fact]
    public async Task SettingsOfTheSidecar_HaveValues()
    {
        string known = await File.ReadAllTextAsync(
            SourceTree.At("docs", "settings.md"), TestContext.Current.CancellationToken);
        string introduction = known.Split("## vip-operator")[0];
        string run = known.Split("## vip-sidecar")[1].Split("Of 'status':")[0];
        JsonNode sidecar = (await Chart.RenderAsync(Chart.Nginx, [.. Chart.Address, "--set", EachSidecarSetting]))
            .Single("DaemonSet").Container("vip-sidecar");

        Dictionary<string, string?> given = sidecar["env"]!.AsArray().ToDictionary(
            v => v!["name"]!.GetValue<string>(), v => v!["value"]?.GetValue<string>());
        string[] without =
        [
            .. Regex.Matches(run, @"(?m)^  (--[a-z0-9-]+)[^(\n]*\(([A-Z0-9_]+)\)$")
                .Where(m => !given.ContainsKey(m.Groups[2].Value)).Select(m => m.Groups[1].Value),
        ];

        Assert.Equal("80", given["VIP_SIDECAR_REALTIME_PRIORITY"]);
        Assert.Equal("true", given["VIP_SIDECAR_NO_LOCK_MEMORY"]);
        Assert.Equal("true", given["VIP_SIDECAR_NO_SWEEP"]);
        Assert.Equal("192.0.2.1", given["VIP_AGENT_PROBE_ADDRESS"]);
        Assert.NotEmpty(without);
        Assert.All(without, flag => Assert.Contains($"`{flag}`", introduction, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OldCluster_IsRefused()
    {
        ToolOutput output = await Chart.TemplateAsync(Chart.Operator, "web", "apps", ["--kube-version", "v1.30.4"]);

        Assert.False(output.Succeeded);
        Assert.Contains("chart requires kubeVersion: >=1.31.0-0", output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneNamespace_HasRightsThereAlone()
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Operator, "--set", "watchNamespace=apps");

        JsonArray clusterWide = rendering.Single("ClusterRole", "vip-operator").Json["rules"]!.AsArray();
        Assert.Equal(["nodes"], clusterWide.Single()!["resources"]!.AsArray().Select(r => r!.GetValue<string>()));
        Assert.Equal("apps", rendering.Single("Role", "vip-operator-watch").Namespace);
        Assert.Contains(
            "--namespace=apps",
            rendering.Single("Deployment").Container("vip-operator")["args"]!.ToJsonString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_OutliveTheHandover()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, "--set", "sidecar.handoverSeconds=20,nginx.quitSeconds=30"]);

        ChartObject pods = rendering.Single("DaemonSet");
        Assert.Equal(
            """["vip-sidecar","handover","--timeout","20s"]""",
            pods.Container("vip-sidecar")["lifecycle"]!["preStop"]!["exec"]!["command"]!.ToJsonString());
        Assert.Equal(21, pods.Container("nginx")["lifecycle"]!["preStop"]!["sleep"]!["seconds"]!.GetValue<int>());
        Assert.Equal(60, pods.PodSpec["terminationGracePeriodSeconds"]!.GetValue<int>());
    }

    [Fact]
    public async Task Deployment_HasNoTwoPodsOnANodeAndMakesRoomFirst()
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Nginx, [.. Chart.Address, "--set", "kind=Deployment"]);

        JsonNode spec = rendering.Single("Deployment").Json["spec"]!;
        Assert.Equal("""{"maxSurge":0,"maxUnavailable":1}""", spec["strategy"]!["rollingUpdate"]!.ToJsonString());
        Assert.Contains(
            "requiredDuringSchedulingIgnoredDuringExecution",
            spec["template"]!["spec"]!["affinity"]!["podAntiAffinity"]!.ToJsonString(),
            StringComparison.Ordinal);
    }

    /// <summary>
    /// apps/v1: a Deployment has Recreate, a DaemonSet OnDelete, and rollingUpdate "present only if" the type is
    /// RollingUpdate.
    /// </summary>
    [Theory]
    [InlineData("Deployment", "Recreate", "strategy")]
    [InlineData("DaemonSet", "OnDelete", "updateStrategy")]
    public async Task OtherStrategies_HaveNoRollingUpdate(string kind, string type, string field)
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, "--set", $"kind={kind},updateStrategy.type={type}"]);

        Assert.Equal(
            $$"""{"type":"{{type}}"}""", rendering.Single(kind).Json["spec"]![field]!.ToJsonString());
    }

    /// <summary>
    /// Kubernetes asks /scale how many pods there should be, and lets nobody be evicted where there is none: "only
    /// .spec.minAvailable can be used, not .spec.maxUnavailable" with other owners than Deployments and their like.
    /// </summary>
    [Theory]
    [InlineData("DaemonSet", false)]
    [InlineData("Deployment", true)]
    public async Task DisruptionBudget_IsOfADeploymentAlone(string kind, bool has)
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Nginx, [.. Chart.Address, "--set", $"kind={kind}"]);

        Assert.Equal(has, rendering.Has("PodDisruptionBudget"));
    }

    /// <summary>
    /// What "helm test" runs, with a wget that fails until its third call, or for ever, and a sleep that does not.
    /// </summary>
    [Theory]
    [InlineData(Chart.Operator, 3, true)]
    [InlineData(Chart.Nginx, 3, true)]
    [InlineData(Chart.Operator, 1000, false)]
    [InlineData(Chart.Nginx, 1000, false)]
    public async Task HelmTest_AsksUntilItIsAnswered_ButNotForEver(string chart, int answersFrom, bool passes)
    {
        Rendering rendering = await Chart.RenderAsync(chart, chart == Chart.Nginx ? Chart.Address : []);
        string[] command =
        [
            .. Assert.Single(rendering.Hooks).Json["spec"]!["containers"]![0]!["command"]!.AsArray()
                .Select(a => a!.GetValue<string>()),
        ];
        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            string calls = Path.Combine(folder, "calls");
            await ProgramAsync("wget", $"echo \"$*\" >> {calls}; [ $(wc -l < {calls}) -ge {answersFrom} ]");
            await ProgramAsync("sleep", ":");

            ToolOutput output = await Tool.RunAsync(
                command[0], command[1..], new Dictionary<string, string>
                {
                    ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}",
                });

            Assert.Equal(passes, output.Succeeded);
            string[] asked = await File.ReadAllLinesAsync(calls, TestContext.Current.CancellationToken);
            Assert.Equal(passes ? answersFrom : 30, asked.Length);
            Assert.All(asked, a => Assert.EndsWith(
                chart == Chart.Nginx ? " http://192.168.1.108:80/healthz" : " http://vip-operator:8080/readyz", a,
                StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task ProgramAsync(string name, string script)
        {
            string file = Path.Combine(folder, name);
            await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task HelmTest_IsLetThroughByTheNetworkPolicy()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, "--set-json", """networkPolicy.from=[{"namespaceSelector":{}}]""");

        JsonArray from = rendering.Single("NetworkPolicy").Json["spec"]!["ingress"]![0]!["from"]!.AsArray();
        Assert.Equal(2, from.Count);
        Assert.True(JsonNode.DeepEquals(
            Assert.Single(rendering.Hooks).Json["metadata"]!["labels"],
            from[1]!["podSelector"]!["matchLabels"]));
    }

    [Theory]
    [InlineData("true", "listen 80; listen [::]:80;")]
    [InlineData("false", "listen 80;")]
    public async Task Nginx_ListensOnIPv6UnlessToldNotTo(string ipv6, string listens)
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, "--set", $"nginx.ipv6={ipv6}"]);

        string text = rendering.Single("ConfigMap").Json["data"]!["nginx.conf"]!.GetValue<string>();
        Assert.Equal(listens, string.Join(' ', text.Split('\n').Select(l => l.Trim())
            .Where(l => l.StartsWith("listen ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Nginx_TakesTheConfiguration()
    {
        string? nginx = Tool.Find("nginx") ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : null);
        Assert.SkipWhen(nginx is null, "nginx is not installed: its configuration is not checked.");
        // Where the kernel has no IPv6, nginx would not listen on it: as the value's comment says.
        string ipv6 = Socket.OSSupportsIPv6 ? "true" : "false";
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, "--set", $"nginx.port=18080,nginx.ipv6={ipv6}"]);
        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            string file = Path.Combine(folder, "nginx.conf");
            string text = rendering.Single("ConfigMap").Json["data"]!["nginx.conf"]!.GetValue<string>();
            await File.WriteAllTextAsync(
                file, text.Replace(" /tmp/", $" {folder}/", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);

            ToolOutput output = await Tool.RunAsync(nginx!, ["-t", "-c", file]);

            Assert.True(output.Succeeded, output.Errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
