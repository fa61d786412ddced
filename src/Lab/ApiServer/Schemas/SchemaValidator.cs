using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>
/// Checks a document against a structural schema, in the real server's words. Rules (CEL) are run elsewhere.
/// </summary>
internal static class SchemaValidator
{
    public static List<FieldError> Validate(JsonNode? document, Schema schema)
    {
        List<FieldError> errors = [];
        Visit(document, schema, "", errors);
        return errors;
    }

    private static void Visit(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (node is null && schema.Nullable) return;
        if (!HasType(node, schema))
        {
            string expected = schema.IntOrString ? "integer,string" : schema.Type;
            string actual = node.TypeName();
            JsonNode shown = JsonValue.Create(actual);
            errors.Add(FieldError.TypeInvalid(
                path, shown, $"{InBody(path)} must be of type {expected}: {JsonText.Quote(actual)}"));
            // The server's number check speaks up a second time, without a path of its own.
            if (schema.Type == "integer" && actual == "number")
                errors.Add(FieldError.Invalid(
                    "<nil>", "", $"Checked value must be of type integer (default format) in {path}"));
            return;
        }
        VisitLogic(node, schema, path, errors);
        if (schema.Enum is { } allowed && !allowed.Any(v => JsonNode.DeepEquals(v, node)))
            errors.Add(FieldError.NotSupported(path, node, allowed.Select(Plain)));
        switch (node)
        {
            case JsonObject o:
                VisitObject(o, schema, path, errors);
                break;
            case JsonArray a:
                VisitArray(a, schema, path, errors);
                break;
            case JsonValue when node.AsText() is { } text:
                VisitText(text, schema, path, errors);
                break;
            case JsonValue when node.TryNumber(out double number):
                VisitNumber(node, number, schema, path, errors);
                break;
        }
    }

    private static bool HasType(JsonNode? node, Schema schema)
    {
        string actual = node.TypeName();
        if (schema.IntOrString) return actual is "integer" or "string";
        return schema.Type.Length == 0 || actual == schema.Type || (schema.Type == "number" && actual == "integer");
    }

    private static void VisitObject(JsonObject node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.MinProperties is { } min && node.Count < min)
            errors.Add(FieldError.Invalid(path, node.Count, $"{InBody(path)} should have at least {min} properties"));
        if (schema.MaxProperties is { } max && node.Count > max) errors.Add(FieldError.TooMany(path, node.Count, max));
        IEnumerable<string> required = schema.ReferenceName is null ? schema.Required : [];
        foreach (string name in required.Where(name => !node.ContainsKey(name)))
            errors.Add(FieldError.Required(FieldPath.Field(path, name)));
        foreach ((string name, JsonNode? child) in node)
        {
            if (schema.Field(name) is not { } field) continue;
            // Metadata was decoded as a typed object already; what is left are a definition's own limits on the name.
            bool isTyped = schema.ReferenceName is not null;
            if (isTyped && name is not ("name" or "generateName")) continue;
            Visit(child, field, FieldPath.Field(path, name), errors);
        }
    }

    private static void VisitArray(JsonArray node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.MinItems is { } min && node.Count < min)
            errors.Add(FieldError.Invalid(path, node.Count, $"{InBody(path)} should have at least {min} items"));
        if (schema.MaxItems is { } max && node.Count > max) errors.Add(FieldError.TooMany(path, node.Count, max));
        if (schema.UniqueItems && node.Select(JsonText.Canonical).Distinct().Count() != node.Count)
            errors.Add(FieldError.Invalid(path, node, $"{InBody(path)} shouldn't contain duplicates"));
        if (schema.Items is { } items)
            for (int i = 0; i < node.Count; i++)
                Visit(node[i], items, FieldPath.Index(path, i), errors);
        VisitUniqueness(node, schema, path, errors);
    }

    private static void VisitUniqueness(JsonArray node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.ListKind == ListKind.Atomic) return;
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < node.Count; i++)
        {
            JsonNode? identity = schema.ListKind == ListKind.Set ? node[i] : KeysOf(node[i], schema.ListMapKeys);
            if (identity is not null && !seen.Add(JsonText.Canonical(identity)))
                errors.Add(FieldError.Duplicate(FieldPath.Index(path, i), identity));
        }
    }

    private static JsonObject? KeysOf(JsonNode? item, IReadOnlyList<string> keys)
    {
        if (item is not JsonObject o) return null;
        JsonObject result = [];
        foreach (string key in keys)
            if (o[key] is { } value)
                result[key] = value.DeepClone();
        return result;
    }

    private static void VisitText(string text, Schema schema, string path, List<FieldError> errors)
    {
        // Lengths count code points, as Go's runes.
        int length = text.EnumerateRunes().Count();
        // One complaint a string, as the real server gives.
        if (schema.MaxLength is { } max && length > max) errors.Add(FieldError.TooLong(path, max));
        else if (schema.MinLength is { } min && length < min)
            errors.Add(FieldError.Invalid(path, text, $"{InBody(path)} should be at least {min} chars long"));
        else if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
            errors.Add(FieldError.Invalid(path, text, $"{InBody(path)} should match '{schema.PatternText}'"));
        if (schema.Format.Length > 0 && Formats.Known.Contains(schema.Format) && !Formats.Matches(schema.Format, text))
        {
            errors.Add(FieldError.TypeInvalid(
                path, text, $"{InBody(path)} must be of type {schema.Format}: {JsonText.Quote(text)}"));
        }
    }

    private static void VisitNumber(JsonNode node, double number, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? number <= min : number < min))
        {
            string relation = schema.ExclusiveMinimum ? "greater than" : "greater than or equal to";
            errors.Add(FieldError.Invalid(path, node, $"{InBody(path)} should be {relation} {Plain(min)}"));
        }
        if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? number >= max : number > max))
        {
            string relation = schema.ExclusiveMaximum ? "less than" : "less than or equal to";
            errors.Add(FieldError.Invalid(path, node, $"{InBody(path)} should be {relation} {Plain(max)}"));
        }
        if (schema.MultipleOf is { } factor && Math.Abs((number / factor) - Math.Round(number / factor)) > 1e-9)
            errors.Add(FieldError.Invalid(path, node, $"{InBody(path)} should be a multiple of {Plain(factor)}"));
        bool outOfRange = schema.Format == "int32" && (number > int.MaxValue || number < int.MinValue);
        if (outOfRange)
            errors.Add(
                FieldError.Invalid(path, node, $"Checked value must be of type integer with format int32 in {path}"));
    }

    private static void VisitLogic(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        foreach (Schema part in schema.AllOf) Visit(node, part, path, errors);
        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(s => Fits(node, s, path)))
            errors.Add(FieldError.Invalid(path, "", $"{InBody(path)} must validate at least one schema (anyOf)"));
        if (schema.OneOf.Count > 0)
        {
            int fitting = schema.OneOf.Count(s => Fits(node, s, path));
            string found = fitting == 0 ? "Found none valid" : $"Found {fitting} valid alternatives";
            if (fitting != 1)
                errors.Add(FieldError.Invalid(
                    path, "", $"{InBody(path)} must validate one and only one schema (oneOf). {found}"));
        }
        if (schema.Not is not null && Fits(node, schema.Not, path))
            errors.Add(FieldError.Invalid(path, "", $"{InBody(path)} must not validate the schema (not)"));
    }

    private static bool Fits(JsonNode? node, Schema schema, string path)
    {
        List<FieldError> errors = [];
        Visit(node, schema, path, errors);
        return errors.Count == 0;
    }

    private static string InBody(string path) => $"{path} in body";

    private static string Plain(JsonNode? value) => value.AsText() ?? JsonText.Of(value);

    private static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
