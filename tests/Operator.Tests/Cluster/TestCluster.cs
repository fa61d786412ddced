using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VipOperator.Lab.ApiServer;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>
/// A namespace of the API server, with nodes and pods that exist only as objects, and sidecars that the test plays.
/// </summary>
public sealed class TestCluster
{
    private readonly IApiServer _server;
    private readonly TestApi _api;

    private TestCluster(IApiServer server, TestApi api, string name)
    {
        _server = server;
        _api = api;
        Namespace = name;
    }

    public string Namespace { get; }

    private string Ours => $"{TestApi.Group}/namespaces/{Namespace}";

    private string Core => $"/api/v1/namespaces/{Namespace}";

    public static async Task<TestCluster> CreateAsync(IApiServer server, TestApi api, string name)
    {
        TestCluster cluster = new(server, api, name);
        Ensure(await api.PostAsync("/api/v1/namespaces", Node($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""")));
        return cluster;
    }

    /// <summary>Starts an operator for this namespace alone.</summary>
    internal Task<TestOperator> StartOperatorAsync(
        Func<OperatorSettings, OperatorSettings>? edit = null, DelegatingHandler? handler = null,
        ApiPatience? patience = null, TimeProvider? time = null)
    {
        OperatorSettings settings = new()
        {
            KubeConfig = _server.KubeconfigPath,
            Namespace = Namespace,
            LeaseNamespace = Namespace,
            LeaseDuration = TimeSpan.FromSeconds(3),
            Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            LogLevel = LogLevel.Warning,
        };
        return TestOperator.StartAsync(edit is null ? settings : edit(settings), handler, patience, time);
    }

    /// <summary>"a" becomes the node "NAMESPACE-a".</summary>
    public string NodeName(string name) => $"{Namespace}-{name}";

    public async Task AddNodeAsync(string name, string address)
    {
        Ensure(await _api.PostAsync("/api/v1/nodes", Node($$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{NodeName(name)}}"} }""")));
        await HeartbeatAsync(name, address, 0);
    }

    public async Task LabelNodeAsync(string name, string key, string value) =>
        Ensure(await _api.MergeAsync($"/api/v1/nodes/{NodeName(name)}", Node($$"""{"metadata":{"labels":{"{{key}}":"{{value}}"} } }""")));

    /// <summary>What a kubelet writes every few minutes: times that mean nothing here.</summary>
    public async Task HeartbeatAsync(string name, string address, int minute) => Ensure(await _api.MergeAsync(
        $"/api/v1/nodes/{NodeName(name)}/status",
        Node($$"""
        {"status":{"addresses":[{"type":"InternalIP","address":"{{address}}"}],"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady",
        "message":"","lastHeartbeatTime":"2026-01-01T00:{{minute:00}}:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]} }
        """)));

    /// <summary>What the node controller writes when a kubelet is not heard of any more.</summary>
    public async Task LoseNodeAsync(string name) => Ensure(await _api.MergeAsync(
        $"/api/v1/nodes/{NodeName(name)}/status",
        Node("""
        {"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown",
        "message":"","lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:01:00Z"}]} }
        """)));

    /// <param name="account">Its service account.</param>
    public async Task AddPodAsync(string name, string node, string account = "default")
    {
        Ensure(await _api.PostAsync($"{Core}/pods", Node($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","labels":{"app":"nginx"} },
        "spec":{"nodeName":"{{NodeName(node)}}","hostNetwork":true,"serviceAccountName":"{{account}}","automountServiceAccountToken":false,"terminationGracePeriodSeconds":0,
        "containers":[{"name":"nginx","image":"nginx"},{"name":"vip-sidecar","image":"vip-sidecar"}]} }
        """)));
        Ensure(await _api.MergeAsync($"{Core}/pods/{name}/status", Node("""{"status":{"phase":"Running"} }""")));
    }

    /// <param name="merge">JSON that is merged into the node.</param>
    public async Task EditNodeAsync(string name, string merge) =>
        Ensure(await _api.MergeAsync($"/api/v1/nodes/{NodeName(name)}", Node(merge)));

    /// <summary>The label vipoperator.io/role; null: there is none.</summary>
    public async Task<string?> RoleAsync(string pod)
    {
        Answer answer = await _api.GetAsync($"{Core}/pods/{pod}");
        Ensure(answer);
        return answer.Body!["metadata"]!["labels"]?["vipoperator.io/role"]?.GetValue<string>();
    }

    public Task RolesBecomeAsync(string a, string? roleOfA, string b, string? roleOfB) => Eventually.TrueAsync(
        async () => await RoleAsync(a) == roleOfA && await RoleAsync(b) == roleOfB);

    public async Task<string> PodUidAsync(string name) =>
        (await _api.GetAsync($"{Core}/pods/{name}")).Body!["metadata"]!["uid"]!.GetValue<string>();

    /// <summary>A member of that pod, as if the operator had made it.</summary>
    public async Task AddMemberAsync(string name, string virtualIP, string pod) => Ensure(await _api.PostYamlAsync(
        $"{Ours}/virtualipmembers",
        $$"""
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: {{name}}, labels: {vipoperator.io/virtualip: {{virtualIP}}, vipoperator.io/pod-uid: {{await PodUidAsync(pod)}} } }
        spec: {virtualIPName: {{virtualIP}}, podName: {{pod}}, podUid: {{await PodUidAsync(pod)}}, addresses: [192.168.1.108], virtualRouterId: 1, priority: 100}
        """));

    public async Task AnnotatePodAsync(string name, string value) =>
        Ensure(await _api.MergeAsync($"{Core}/pods/{name}", Node($$"""{"metadata":{"annotations":{"note":"{{value}}"} } }""")));

    public async Task DeletePodAsync(string name) => Ensure(await _api.DeleteAsync($"{Core}/pods/{name}"));

    /// <param name="spec">YAML in one line, without the selector.</param>
    public async Task AddVirtualIPAsync(string name, string spec) => Ensure(await _api.PostYamlAsync(
        $"{Ours}/virtualips",
        $"{{apiVersion: vipoperator.io/v1alpha1, kind: VirtualIP, metadata: {{name: {name}}}, spec: {{selector: "
        + $"{{matchLabels: {{app: nginx}}}}, {spec}}}}}"));

    public async Task EditVirtualIPAsync(string name, string merge) =>
        Ensure(await _api.MergeAsync($"{Ours}/virtualips/{name}", Node(merge)));

    public async Task DeleteVirtualIPAsync(string name) => Ensure(await _api.DeleteAsync($"{Ours}/virtualips/{name}"));

    public async Task<JsonNode> VirtualIPAsync(string name)
    {
        Answer answer = await _api.GetAsync($"{Ours}/virtualips/{name}");
        Ensure(answer);
        return answer.Body!;
    }

    /// <summary>
    /// Waits until the API server answers again; a real one takes a while from its start to its first answer.
    /// </summary>
    public Task ServedAsync() => Eventually.TrueAsync(async () =>
        (await _api.GetAsync($"{Ours}/virtualipmembers")).Succeeded && (await _api.GetAsync($"{Core}/pods")).Succeeded);

    /// <summary>By priority, the best first.</summary>
    public async Task<JsonNode[]> MembersAsync(string? virtualIP = null)
    {
        Answer answer = await _api.GetAsync($"{Ours}/virtualipmembers");
        Ensure(answer);
        return
        [
            .. answer.Body!["items"]!.AsArray()
                .Select(m => m!)
                .Where(m => virtualIP is null || m["spec"]!["virtualIPName"]!.GetValue<string>() == virtualIP)
                .OrderByDescending(m => m["spec"]!["priority"]!.GetValue<int>()),
        ];
    }

    /// <summary>"a 100, b 99": the short names of the nodes, the best first.</summary>
    public async Task<string> PlacesAsync(string virtualIP) =>
        string.Join(", ", (await MembersAsync(virtualIP)).Select(m =>
        $"{m["spec"]!["nodeName"]!.GetValue<string>()[(Namespace.Length + 1)..]} {m["spec"]!["priority"]}"));

    /// <summary>"a b": the short names of the nodes, the best first, whatever their priorities are.</summary>
    public async Task<string> OrderAsync(string virtualIP) =>
        string.Join(' ', (await MembersAsync(virtualIP)).Select(m =>
        m["spec"]!["nodeName"]!.GetValue<string>()[(Namespace.Length + 1)..]));

    public Task OrderBecomesAsync(string virtualIP, string order) => Eventually.GetAsync(
        async () => await OrderAsync(virtualIP) == order ? order : null,
        async () => $"The order is '{await OrderAsync(virtualIP)}', not '{order}'.");

    public Task PlacesBecomeAsync(string virtualIP, string places) => Eventually.GetAsync(
        async () => await PlacesAsync(virtualIP) == places ? places : null,
        async () => $"The places are '{await PlacesAsync(virtualIP)}', not '{places}'.");

    /// <summary>Waits until the condition has this status and reason, and gives its message.</summary>
    public async Task<string> ConditionBecomesAsync(string virtualIP, string type, string status, string reason) =>
        await Eventually.GetAsync(
        async () => await ConditionAsync(virtualIP, type) is { } c && c["status"]!.GetValue<string>() == status
            && c["reason"]!.GetValue<string>() == reason
            ? c["message"]!.GetValue<string>()
            : null,
        async () => $"The condition is {(await ConditionAsync(virtualIP, type))?.ToJsonString()}, not {status} "
            + $"because of {reason}.");

    public async Task<JsonNode?> ConditionAsync(string virtualIP, string type) =>
        (await VirtualIPAsync(virtualIP))["status"]?["conditions"]?.AsArray()
        .FirstOrDefault(c => c!["type"]!.GetValue<string>() == type);

    public async Task<string?> ActiveNodeAsync(string virtualIP) =>
        (await VirtualIPAsync(virtualIP))["status"]?["activeNode"]?.GetValue<string>();

    /// <summary>What the sidecar of that member would write, for the spec that is there now.</summary>
    public async Task ReportAsync(string virtualIP, string node, string state)
    {
        JsonNode member =
            (await MembersAsync(virtualIP)).Single(m => m["spec"]!["nodeName"]!.GetValue<string>() == NodeName(node));
        string since = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        Ensure(await _api.MergeAsync(
            $"{Ours}/virtualipmembers/{member["metadata"]!["name"]}/status",
            Node($$"""
            {"status":{"observedGeneration":{{member["metadata"]!["generation"]}},"state":"{{state}}","since":"{{since}}","reason":"Test",
            "effectivePriority":{{member["spec"]!["priority"]}},"probe":{"result":"Disabled"} } }
            """)));
    }

    public async Task EditMemberAsync(string name, string merge) =>
        Ensure(await _api.MergeAsync($"{Ours}/virtualipmembers/{name}", Node(merge)));

    /// <summary>"Normal Assigned", "Warning NoActive", …</summary>
    public async Task<string[]> EventsAsync(string virtualIP)
    {
        Answer answer = await _api.GetAsync($"{Core}/events");
        Ensure(answer);
        return
        [
            .. answer.Body!["items"]!.AsArray()
                .Where(e => e!["involvedObject"]!["name"]!.GetValue<string>() == virtualIP)
                .Select(e => $"{e!["type"]} {e["reason"]}"),
        ];
    }

    public Task EventComesAsync(string virtualIP, string what) => Eventually.GetAsync(
        async () => (await EventsAsync(virtualIP)).Contains(what) ? what : null,
        async () => $"The events are: {string.Join(", ", await EventsAsync(virtualIP))}.");

    private static JsonNode Node(string json) => JsonNode.Parse(json)!;

    private static void Ensure(Answer answer) => Assert.True(answer.Succeeded, $"{(int)answer.Code}: {answer.Message}");
}
