using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Tables;

/// <summary>One column of <c>kubectl get</c>.</summary>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Priority">0 is always shown, above 0 with <c>-o wide</c>.</param>
/// <param name="Value">The cell for an object; null prints as <c>&lt;none&gt;</c> or an empty cell.</param>
internal sealed record PrinterColumn(
    string Name, string Type, Func<JsonObject, JsonNode?> Value, int Priority = 0, string Format = "",
    string Description = "");
