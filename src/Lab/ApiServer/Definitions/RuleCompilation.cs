using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Cel;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>
/// Compiles the rules of a schema at the definition's creation: syntax, types, and what they may cost.
/// </summary>
internal sealed class RuleCompilation
{
    /// <summary>Estimated cost that one rule may reach.</summary>
    private const double RuleLimit = 10_000_000;

    /// <summary>Estimated cost that all rules of a schema may reach together.</summary>
    private const double SchemaLimit = 100_000_000;

    private const string Advice =
        "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and "
        + "strings are declared)";

    private readonly List<FieldError> _errors = [];
    private readonly List<(string Path, double Cost)> _costs = [];

    public static IEnumerable<FieldError> Check(JsonObject schema, string path)
    {
        RuleCompilation compilation = new();
        Schema root = SchemaReader.ReadRoot(schema.Copy());
        compilation.Visit(schema, root, path, 1);
        double total = compilation._costs.Sum(c => c.Cost);
        if (total > SchemaLimit)
        {
            foreach ((string at, double cost) in compilation._costs.Where(c => c.Cost > RuleLimit))
                compilation._errors.Add(FieldError.Forbidden(
                    at, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
            compilation._errors.Add(FieldError.Forbidden(
                path, $"x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget "
                    + $"by factor of {Factor(total / SchemaLimit)} {Advice}"));
        }
        return compilation._errors;
    }

    /// <param name="times">How often a value of this schema can occur in one object.</param>
    private void Visit(JsonObject source, Schema schema, string path, double times)
    {
        int index = 0;
        foreach (JsonObject rule in source.Items("x-kubernetes-validations").OfType<JsonObject>())
            Compile(rule, schema,
                string.Create(CultureInfo.InvariantCulture, $"{path}.x-kubernetes-validations[{index++}]"), times);
        foreach ((string name, JsonNode? child) in source.Map("properties") ?? [])
            if (child is JsonObject o && schema.Properties.GetValueOrDefault(name) is { ReferenceName: null } field)
                Visit(o, field, $"{path}.properties[{name}]", times);
        double items = times * CelSizes.MaxSize(schema);
        if (source["items"] is JsonObject item && schema.Items is not null)
            Visit(item, schema.Items, $"{path}.items", items);
        if (source["additionalProperties"] is JsonObject additional && schema.AdditionalProperties is not null)
            Visit(additional, schema.AdditionalProperties, $"{path}.additionalProperties", items);
    }

    private void Compile(JsonObject source, Schema schema, string path, double times)
    {
        ValidationRule rule = ValidationRule.Read(source);
        if (rule.Rule.Length == 0)
        {
            _errors.Add(FieldError.Required($"{path}.rule", "rule is not specified"));
            return;
        }
        CheckMessage(rule, path);
        CheckFieldPath(rule, schema, path);
        CelFacts self = new(CelType.Of(schema), 1, CelSizes.MaxSize(schema), schema);
        CelFacts oldSelf = rule.OptionalOldSelf ? self with { Type = CelType.OptionalOf(self.Type) } : self;
        if (Facts(rule.Rule, source, $"{path}.rule", self, oldSelf) is { } facts)
        {
            if (facts.Type.Kind is not (CelKind.Bool or CelKind.Dyn))
                _errors.Add(Refused($"{path}.rule", source, "cel expression must evaluate to a bool"));
            CheckCost(facts.Cost * times, $"{path}.rule", "estimated rule cost");
        }
        if (rule.MessageExpression.Length == 0) return;
        if (Facts(rule.MessageExpression, source, $"{path}.messageExpression", self,
            oldSelf) is not { } message) return;
        if (message.Type.Kind is not (CelKind.String or CelKind.Dyn))
            _errors.Add(Refused($"{path}.messageExpression", source, "messageExpression must evaluate to a string"));
        CheckCost(message.Cost * times, $"{path}.messageExpression", "estimated messageExpression cost");
    }

    private CelFacts? Facts(string text, JsonObject source, string path, CelFacts self, CelFacts oldSelf)
    {
        try
        {
            return CelChecker.Check(text, CelParser.Parse(text), self, oldSelf);
        }
        catch (CelCompilationException e)
        {
            string prefix = path.EndsWith("messageExpression", StringComparison.Ordinal)
                ? "messageExpression compilation failed"
                : "compilation failed";
            _errors.Add(Refused(path, source, $"{prefix}: {e.Message}"));
            return null;
        }
    }

    private void CheckCost(double cost, string path, string what)
    {
        _costs.Add((path, cost));
        if (cost > RuleLimit)
            _errors.Add(
                FieldError.Forbidden(path, $"{what} exceeds budget by factor of {Factor(cost / RuleLimit)} {Advice}"));
    }

    private void CheckMessage(ValidationRule rule, string path)
    {
        if (rule.Message.Contains('\n', StringComparison.Ordinal))
            _errors.Add(FieldError.Invalid($"{path}.message", rule.Message, "must not contain line breaks"));
        if (rule.Rule.Contains('\n', StringComparison.Ordinal) && rule.Message.Length == 0
            && rule.MessageExpression.Length == 0)
            _errors.Add(
                FieldError.Required($"{path}.message", "message must be specified if rule contains line breaks"));
        string[] reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
        if (rule.Reason.Length > 0 && !reasons.Contains(rule.Reason))
            _errors.Add(FieldError.NotSupported($"{path}.reason", rule.Reason, reasons));
    }

    private void CheckFieldPath(ValidationRule rule, Schema schema, string path)
    {
        if (rule.FieldPath.Length == 0) return;
        Schema? at = schema;
        foreach (string step in rule.FieldPath.TrimStart('.').Split('.'))
            at = step.Contains('[', StringComparison.Ordinal)
                ? at?.Field(step[..step.IndexOf('[', StringComparison.Ordinal)])
                : at?.Field(step);
        if (at is null)
            _errors.Add(FieldError.Invalid($"{path}.fieldPath", rule.FieldPath, "must be a valid path"));
    }

    /// <summary>The server shows the whole rule, as Go prints its struct.</summary>
    private static FieldError Refused(string path, JsonObject source, string why)
    {
        JsonObject shown = new()
        {
            ["Rule"] = source.Text("rule"),
            ["Message"] = source.Text("message"),
            ["MessageExpression"] = source.Text("messageExpression"),
            ["Reason"] = source["reason"]?.DeepClone(),
            ["FieldPath"] = source.Text("fieldPath"),
            ["OptionalOldSelf"] = source["optionalOldSelf"]?.DeepClone(),
        };
        return new FieldError(FieldErrorReason.FieldValueInvalid, path, $"Invalid value: {JsonText.Of(shown)}: {why}");
    }

    private static string Factor(double factor) =>
        factor > 100 ? "more than 100x" : string.Create(CultureInfo.InvariantCulture, $"{factor:F1}x");
}
