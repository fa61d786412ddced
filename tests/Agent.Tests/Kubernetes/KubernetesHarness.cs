using System.Text.Json.Nodes;

namespace VipOperator.Agent.Tests.Kubernetes;

/// <summary>A whole agent beside an API server.</summary>
internal static class KubernetesHarness
{
    public static AgentHarness NewAgent(FakeApiServer server, string? folder = null) =>
        new(settings => settings.KubernetesServer = server.Address, folder);

    public static async Task<AgentHarness> StartAsync(FakeApiServer server)
    {
        await server.StartAsync();
        AgentHarness agent = NewAgent(server);
        agent.Start();
        return agent;
    }

    public static JsonObject Spec(int id) => new()
    {
        ["virtualIPName"] = "web",
        ["addresses"] = new JsonArray($"192.168.1.{id}/32"),
        ["interfaceName"] = "eth0",
        ["virtualRouterId"] = id,
        ["priority"] = 100,
    };

    public static string[] LogLines(AgentHarness agent, string words) =>
        [.. agent.Log.Split('\n').Where(l => l.Contains(words, StringComparison.Ordinal))];

    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }
}
