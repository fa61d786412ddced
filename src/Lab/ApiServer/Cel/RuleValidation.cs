using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Runs the rules of a schema over a document, with the document before it for transition rules.</summary>
internal static class RuleValidation
{
    private static readonly ConditionalWeakTable<Schema, object> Rules = [];

    /// <summary>Somewhere in the schema there is a rule.</summary>
    public static bool HasRules(Schema schema) => (bool)Rules.GetValue(
        schema, s => s.Rules.Count > 0 || ChildrenOf(s).Any(HasRules));

    public static List<FieldError> Validate(JsonObject document, JsonObject? old, Schema schema)
    {
        List<FieldError> errors = [];
        Visit(document, old, isCorrelated: true, schema, "", errors);
        return errors;
    }

    /// <param name="isCorrelated">False below lists without keys: what was there before is not known.</param>
    private static void Visit(
        JsonNode? node, JsonNode? old, bool isCorrelated, Schema schema, string path, List<FieldError> errors)
    {
        if (node is null || !HasRules(schema)) return;
        if (schema.Rules.Count > 0) RunRules(node, isCorrelated ? old : null, schema, path, errors);
        switch (node)
        {
            case JsonObject o:
                foreach ((string name, JsonNode? child) in o)
                {
                    Schema? declared = schema.Properties.GetValueOrDefault(name);
                    Schema? field = declared ?? schema.AdditionalProperties;
                    if (field is null) continue;
                    string childPath = declared is null ? FieldPath.Key(path, name) : FieldPath.Field(path, name);
                    Visit(child, old.At(name), isCorrelated && !schema.AtomicMap, field, childPath, errors);
                }
                break;
            case JsonArray a when schema.Items is not null:
                bool isKeyed = schema.ListKind == ListKind.Map && isCorrelated;
                for (int i = 0; i < a.Count; i++)
                {
                    JsonNode? before = isKeyed ? SameKeys(a[i], old as JsonArray, schema) : null;
                    Visit(a[i], before, isKeyed, schema.Items, FieldPath.Index(path, i), errors);
                }
                break;
        }
    }

    private static void RunRules(JsonNode node, JsonNode? old, Schema schema, string path, List<FieldError> errors)
    {
        object? self = CelValues.Of(node, schema);
        object? oldSelf = old is null ? null : CelValues.Of(old, schema);
        foreach (ValidationRule rule in schema.Rules)
        {
            if (rule.Program is null) continue;
            if (rule.IsTransition && !rule.OptionalOldSelf && old is null) continue;
            object? before = rule.OptionalOldSelf ? new CelOptional(old is not null, oldSelf) : oldSelf;
            CelScope scope = new("self", self, new CelScope("oldSelf", before));
            string at = path.Length == 0 && rule.FieldPath.Length == 0 ? "<nil>" : path;
            try
            {
                if (CelEvaluator.Evaluate(rule.Program, scope) is true) continue;
                string blamed = rule.FieldPath.Length == 0 ? at : (path + rule.FieldPath).TrimStart('.');
                errors.Add(Failure(rule, node, blamed, MessageOf(rule, scope), rule.FieldPath.Length > 0));
            }
            catch (CelRuntimeException e)
            {
                string named = rule.Message.Length > 0 ? rule.Message : rule.Rule;
                errors.Add(FieldError.Invalid(at, node.TypeName(), $"{e.Message} evaluating rule: {named}"));
            }
        }
    }

    private static FieldError Failure(ValidationRule rule, JsonNode node, string path, string message, bool hasOwnPath)
    {
        // Only scalars are shown; a blamed field's value is not looked up.
        bool isShown = node is JsonValue && !hasOwnPath;
        return rule.Reason switch
        {
            "FieldValueRequired" => FieldError.Required(path, message),
            "FieldValueForbidden" => FieldError.Forbidden(path, message),
            "FieldValueDuplicate" => isShown
                ? FieldError.Duplicate(path, node)
                : new FieldError(FieldErrorReason.FieldValueDuplicate, path, "Duplicate value"),
            _ => isShown
                ? FieldError.Invalid(path, node, message)
                : new FieldError(FieldErrorReason.FieldValueInvalid, path, $"Invalid value: {message}"),
        };
    }

    private static string MessageOf(ValidationRule rule, CelScope scope)
    {
        string fallback = rule.Message.Length > 0 ? rule.Message : $"failed rule: {rule.Rule}";
        if (rule.MessageProgram is null) return fallback;
        try
        {
            // An empty or many-lined message counts as a failure of the expression.
            return CelEvaluator.Evaluate(rule.MessageProgram, scope) is string text
                && text.Trim().Length > 0 && !text.Contains('\n', StringComparison.Ordinal) ? text.Trim() : fallback;
        }
        catch (CelRuntimeException)
        {
            return fallback;
        }
    }

    private static JsonNode? SameKeys(JsonNode? item, JsonArray? old, Schema list) =>
        old?.FirstOrDefault(o => list.ListMapKeys.All(k => JsonNode.DeepEquals(o.At(k), item.At(k))));

    private static IEnumerable<Schema> ChildrenOf(Schema schema)
    {
        // Metadata is built-in and refers to no rules; its types may be cyclic.
        foreach (Schema child in schema.Properties.Values.Where(c => c.ReferenceName is null)) yield return child;
        if (schema.Items is not null) yield return schema.Items;
        if (schema.AdditionalProperties is not null) yield return schema.AdditionalProperties;
    }
}
