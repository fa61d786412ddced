using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Definitions;

internal static class StructuralSchemaValidator
{
    public static IEnumerable<FieldError> Validate(JsonObject schema, string path) => [];
}
