using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
internal sealed record ValidationRule
{
    public required string Rule { get; init; }

    public string Message { get; init; } = "";

    public string MessageExpression { get; init; } = "";

    /// <summary>Path of the field to blame, below the node that carries the rule.</summary>
    public string FieldPath { get; init; } = "";

    public string Reason { get; init; } = "";

    public bool OptionalOldSelf { get; init; }

    public static ValidationRule Read(JsonObject source) => new()
    {
        Rule = source.Text("rule"),
        Message = source.Text("message"),
        MessageExpression = source.Text("messageExpression"),
        FieldPath = source.Text("fieldPath"),
        Reason = source.Text("reason"),
        OptionalOldSelf = source.Boolean("optionalOldSelf") ?? false,
    };
}
