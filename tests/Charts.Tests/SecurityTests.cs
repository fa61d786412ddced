using System.Text.Json.Nodes;

namespace VipOperator.Charts.Tests;

/// <summary>What the containers may do: no more than they need.</summary>
public sealed class SecurityTests
{
    private const string TokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Theory]
    [InlineData(Chart.Operator, "vip-operator", "port=8080", "")]
    [InlineData(Chart.Nginx, "nginx", "nginx.port=80", "NET_BIND_SERVICE CHOWN SETGID SETUID")]
    [InlineData(Chart.Nginx, "nginx", "nginx.port=8080", "")]
    [InlineData(Chart.Nginx, "vip-sidecar", "nginx.port=80", "NET_ADMIN NET_RAW")]
    [InlineData(Chart.Nginx, "vip-sidecar", "sidecar.realtime=true", "NET_ADMIN NET_RAW SYS_NICE IPC_LOCK")]
    public async Task Container_MayDoNoMoreThanItMust(string chart, string container, string value, string capabilities)
    {
        Rendering rendering = await Chart.RenderAsync(
            chart, chart == Chart.Nginx ? [.. Chart.Address, "--set", value] : ["--set", value]);

        JsonNode security = Workload(rendering).Container(container)["securityContext"]!;
        Assert.Equal("""["ALL"]""", security["capabilities"]!["drop"]!.ToJsonString());
        Assert.Equal(
            capabilities,
            string.Join(' ', (security["capabilities"]!["add"]?.AsArray() ?? []).Select(c => c!.GetValue<string>())));
        Assert.False(security["allowPrivilegeEscalation"]!.GetValue<bool>());
        Assert.True(security["readOnlyRootFilesystem"]!.GetValue<bool>());
        Assert.False(security["privileged"]?.GetValue<bool>() ?? false);
    }

    [Theory]
    [InlineData(Chart.Operator, "vip-operator", "port=8080", true)]
    [InlineData(Chart.Nginx, "nginx", "nginx.port=8080", true)]
    [InlineData(Chart.Nginx, "nginx", "nginx.port=443", false)]
    public async Task Container_IsNotRootUnlessItMust(string chart, string container, string value, bool ordinary)
    {
        Rendering rendering = await Chart.RenderAsync(
            chart, chart == Chart.Nginx ? [.. Chart.Address, "--set", value] : ["--set", value]);

        ChartObject workload = Workload(rendering);
        JsonNode? Setting(string name) =>
            workload.Container(container)["securityContext"]![name] ?? workload.PodSpec["securityContext"]![name];
        Assert.Equal(ordinary, Setting("runAsNonRoot")?.GetValue<bool>() ?? false);
        Assert.Equal(ordinary, Setting("runAsUser")!.GetValue<int>() != 0);
    }

    [Theory]
    [InlineData(Chart.Operator)]
    [InlineData(Chart.Nginx)]
    public async Task Pods_AreFilteredBySeccompAndShareNothingWithTheNodeButItsNetwork(string chart)
    {
        Rendering rendering = await Chart.RenderAsync(chart, chart == Chart.Nginx ? Chart.Address : []);

        JsonNode pod = Workload(rendering).PodSpec;
        Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
        Assert.Null(pod["hostPID"]);
        Assert.Null(pod["hostIPC"]);
        Assert.Equal(chart == Chart.Nginx, pod["hostNetwork"]?.GetValue<bool>() ?? false);
        Assert.DoesNotContain("hostPath", pod.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_IsInTheSidecarAlone()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, "--set", "authentication.type=HMAC,authentication.existingSecret=vrrp"]);

        ChartObject pods = rendering.Single("DaemonSet");
        Assert.False(pods.PodSpec["automountServiceAccountToken"]!.GetValue<bool>());
        Assert.False(rendering.Single("ServiceAccount").Json["automountServiceAccountToken"]!.GetValue<bool>());
        string[] withToken =
        [
            .. pods.PodSpec["volumes"]!.AsArray()
                .Where(v => v!.ToJsonString().Contains("serviceAccountToken", StringComparison.Ordinal))
                .Select(v => v!["name"]!.GetValue<string>()),
        ];
        Assert.Equal(["vip-token"], withToken);
        string[] MountsOf(string container) =>
            [.. pods.Container(container)["volumeMounts"]!.AsArray().Select(m => m!["name"]!.GetValue<string>())];
        Assert.Equal(["config", "nginx-tmp"], MountsOf("nginx"));
        Assert.Contains("vip-token", MountsOf("vip-sidecar"));
        Assert.Contains("vip-secret-0", MountsOf("vip-sidecar"));
        Assert.Equal(
            TokenPath,
            pods.Container("vip-sidecar")["volumeMounts"]!.AsArray()
                .Single(m => m!["name"]!.GetValue<string>() == "vip-token")!["mountPath"]!.GetValue<string>());
    }

    [Fact]
    public async Task TestPods_HaveNoTokenAndNoCapability()
    {
        foreach (Rendering rendering in new[]
        {
            await Chart.RenderAsync(Chart.Operator), await Chart.RenderAsync(Chart.Nginx, Chart.Address),
        })
        {
            JsonNode spec = Assert.Single(rendering.Hooks).Json["spec"]!;
            Assert.Equal(
                "test", rendering.Hooks[0].Json["metadata"]!["annotations"]!["helm.sh/hook"]!.GetValue<string>());
            Assert.False(spec["automountServiceAccountToken"]!.GetValue<bool>());
            Assert.True(spec["securityContext"]!["runAsNonRoot"]!.GetValue<bool>());
            Assert.All(spec["containers"]!.AsArray(), c =>
                Assert.Equal("""["ALL"]""", c!["securityContext"]!["capabilities"]!["drop"]!.ToJsonString()));
        }
    }

    [Fact]
    public async Task Password_StandsInTheSecretAlone()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Nginx,
            [.. Chart.Address, "--set",
                "authentication.type=Simple,authentication.password=pw-1234,virtualIP.vrrp.version=2"]);

        Assert.All(rendering.Objects.Where(o => o.Text.Contains("pw-1234", StringComparison.Ordinal)),
            o => Assert.Equal("Secret", o.Kind));
        Assert.DoesNotContain("pw-1234", rendering.Notes, StringComparison.Ordinal);
    }

    private static ChartObject Workload(Rendering rendering) =>
        rendering.Objects.Single(o => o.Kind is "Deployment" or "DaemonSet");
}
