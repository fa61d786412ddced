using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

internal static class RuleValidation
{
    public static bool HasRules(Schema schema) => schema.Rules.Count > 0;

    public static IEnumerable<FieldError> Validate(JsonObject document, JsonObject? old, Schema schema) => [];
}
