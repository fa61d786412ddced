using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>What the server calls itself: the release whose API it follows.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.36.2+vip-lab";

    public static JsonObject ToJson() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-04-22T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };
}
