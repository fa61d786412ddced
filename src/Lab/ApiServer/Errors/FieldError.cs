using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Errors;

/// <summary>Why a field was refused; the name is the <c>reason</c> of a Status cause.</summary>
internal enum FieldErrorReason
{
    FieldValueInvalid,
    FieldValueTypeInvalid,
    FieldValueRequired,
    FieldValueNotSupported,
    FieldValueDuplicate,
    FieldValueTooLong,
    FieldValueTooMany,
    FieldValueForbidden,
    FieldValueNotFound,
}

/// <summary>One refused field, with the text that the real server gives.</summary>
/// <param name="Field">Path such as <c>spec.ports[0].name</c>.</param>
/// <param name="Text">What follows the path, e.g. <c>Required value</c>.</param>
internal sealed record FieldError(FieldErrorReason Reason, string Field, string Text)
{
    /// <summary>Stands in for the rules that were left unchecked because the types are already wrong.</summary>
    public static readonly FieldError RulesNotChecked = new(
        FieldErrorReason.FieldValueInvalid,
        "<nil>",
        "Invalid value: null: some validation rules were not checked because the object was invalid; "
            + "correct the existing errors to complete validation");

    public override string ToString() => $"{Field}: {Text}";

    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new(FieldErrorReason.FieldValueInvalid, field, $"Invalid value: {Show(value)}: {detail}");

    public static FieldError TypeInvalid(string field, JsonNode? value, string detail) =>
        new(FieldErrorReason.FieldValueTypeInvalid, field, $"Invalid value: {Show(value)}: {detail}");

    public static FieldError Required(string field, string detail = "") =>
        new(FieldErrorReason.FieldValueRequired, field, detail.Length == 0
            ? "Required value"
            : $"Required value: {detail}");

    public static FieldError NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new(FieldErrorReason.FieldValueNotSupported,
            field,
            $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(JsonText.Quote))}");

    public static FieldError Duplicate(string field, JsonNode? value) =>
        new(FieldErrorReason.FieldValueDuplicate, field, $"Duplicate value: {Show(value)}");

    public static FieldError TooLong(string field, long max) =>
        new(FieldErrorReason.FieldValueTooLong, field, $"Too long: may not be more than {max} bytes");

    public static FieldError TooMany(string field, long actual, long max) =>
        new(FieldErrorReason.FieldValueTooMany, field, $"Too many: {actual}: must have at most {max} items");

    public static FieldError Forbidden(string field, string detail) =>
        new(FieldErrorReason.FieldValueForbidden, field, $"Forbidden: {detail}");

    private static string Show(JsonNode? value) =>
        value.AsText() is { } text ? JsonText.Quote(text) : JsonText.Canonical(value);
}
