using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Access;

/// <summary>Who sent a request.</summary>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string Administrators = "system:masters";

    public static readonly UserInfo Anonymous = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsAdministrator => Groups.Contains(Administrators);

    public JsonObject ToJson() => new()
    {
        ["username"] = Name,
        ["groups"] = new JsonArray([.. Groups.Select(g => JsonValue.Create(g))]),
    };
}
