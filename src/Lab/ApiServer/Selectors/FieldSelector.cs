using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Selectors;

/// <summary>
/// A field selector: <c>metadata.name=a,status.phase!=Running</c>. Each resource says which fields it supports.
/// </summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<(string[] Path, string Value, bool IsEqual)> _terms;

    private FieldSelector(IReadOnlyList<(string[] Path, string Value, bool IsEqual)> terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEverything => _terms.Count == 0;

    /// <exception cref="ApiException">
    /// 400: not a selector, or of a field that this resource does not support.
    /// </exception>
    public static FieldSelector Parse(string text, ResourceType type)
    {
        if (text.Length == 0) return Everything;
        List<(string[] Path, string Value, bool IsEqual)> terms = [];
        foreach (string term in Split(text))
        {
            (string field, string value, bool isEqual) = ParseTerm(term);
            terms.Add((PathOf(field, type).Split('.'), value, isEqual));
        }
        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject document) =>
        _terms.All(t => string.Equals(Show(document.At(t.Path)), t.Value, StringComparison.Ordinal) == t.IsEqual);

    private static string PathOf(string field, ResourceType type) => field switch
    {
        "metadata.name" => field,
        "metadata.namespace" when type.Namespaced || type.IsCustom => field,
        _ when type.SelectableFields.TryGetValue(field, out string? path) => path,
        _ => throw ApiErrors.BadRequest(
            type.IsCustom
                ? $"field label not supported: {field}"
                : $"Unable to find {JsonText.Quote($"{type.Group}/{type.Version}, Resource={type.Plural}")} that match "
                    + $"label selector \"\", field selector \"{field}\": field label not supported: {field}"),
    };

    private static string Show(JsonNode? value) =>
        value.AsText() ?? (value is null ? "" : JsonText.Of(value));

    /// <summary>Backslash escapes a comma or an equals sign within a value.</summary>
    private static IEnumerable<string> Split(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }
        yield return text[start..];
    }

    private static (string Field, string Value, bool IsEqual) ParseTerm(string term)
    {
        int at = term.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) throw ApiErrors.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
        bool isEqual = term[at - 1] != '!';
        string field = term[..(isEqual ? at : at - 1)];
        string value = term[(at + 1)..];
        if (value.StartsWith('=')) value = value[1..];
        return (field, value.Replace("\\", "", StringComparison.Ordinal), isEqual);
    }
}
