using System.Text.Json;
using VipOperator.Api;

namespace VipOperator.Documents;

#pragma warning disable CA1720 // Its methods are named for what JSON and YAML call such values.
/// <summary>
/// Takes the fields of one JSON object, one by one, and notes what is wrong with each; at the end
/// <see cref="RefuseOthers"/> notes those that nobody asked for. A null counts as absent, as in the API.
/// </summary>
public sealed class ObjectFields(JsonElement element, string path, ICollection<SpecProblem> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The object itself, or an empty one (with a problem noted) if it is none.</summary>
    public static ObjectFields Of(JsonElement element, string path, ICollection<SpecProblem> problems)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return new ObjectFields(element, path, problems);
        problems.Add(new SpecProblem(path, $"must be a mapping, not {Kind(element)}"));
        return new ObjectFields(default, path, problems) { IsBroken = true };
    }

    /// <summary>Whether the object was none, so that its missing fields are no news.</summary>
    public bool IsBroken { get; private init; }

    public string PathOf(string name) => path.Length == 0 ? name : path + "." + name;

    public void Report(string name, string message) =>
        problems.Add(new SpecProblem(name.Length == 0 ? path : PathOf(name), message));

    public JsonElement? Any(string name)
    {
        _known.Add(name);
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    public JsonElement? Required(string name, string allowed)
    {
        JsonElement? value = Any(name);
        if (value is null && !IsBroken)
            problems.Add(new SpecProblem(PathOf(name), $"is missing; allowed is {allowed}"));
        return value;
    }

    public ObjectFields? Object(string name) =>
        Any(name) is { } value ? Of(value, PathOf(name), problems) : null;

    public ObjectFields? RequiredObject(string name, string allowed) =>
        Required(name, allowed) is { } value ? Of(value, PathOf(name), problems) : null;

    public string? String(string name, int longest = int.MaxValue)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            return Wrong<string>(name, value, "a string (put it in quotes)");
        string text = value.GetString()!;
        if (text.Length > longest)
            problems.Add(new SpecProblem(PathOf(name), $"has {text.Length} characters; at most {longest} are allowed"));
        return text;
    }

    public int? Integer(string name, int lowest, int highest)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number)
        {
            Wrong<object>(name, value, $"a whole number from {lowest} to {highest}");
            return null;
        }

        if (value.TryGetInt32(out int number) && number >= lowest && number <= highest)
            return number;
        problems.Add(new SpecProblem(
            PathOf(name), $"is {value.GetRawText()}; allowed is a whole number from {lowest} to {highest}"));
        return null;
    }

    public bool? Boolean(string name)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Wrong<object>(name, value, "true or false");
        return null;
    }

    /// <summary>One of <paramref name="allowed"/>, or null.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> allowed)
    {
        if (Any(name) is not { } value)
            return null;
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (text is not null && allowed.Contains(text))
            return text;
        problems.Add(
            new SpecProblem(PathOf(name), $"is {Shown(value)}; allowed is {string.Join(" or ", allowed.ToArray())}"));
        return null;
    }

    public TimeSpan? Duration(string name, GatewayDuration lowest, GatewayDuration highest)
    {
        if (DurationText(name) is not { } duration)
            return null;
        if (duration >= lowest && duration <= highest)
            return duration.Value;
        problems.Add(new SpecProblem(PathOf(name), $"is {duration}; allowed is {lowest} to {highest}"));
        return null;
    }

    /// <summary>A duration of any length.</summary>
    public GatewayDuration? DurationText(string name)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String
            && GatewayDuration.TryParse(value.GetString(), out GatewayDuration duration))
            return duration;
        problems.Add(new SpecProblem(
            PathOf(name),
            $"is {Shown(value)}; allowed is a duration: up to four whole numbers, each with h, m, s or ms, "
            + $"such as 1s or 1m30s"));
        return null;
    }

    public IReadOnlyList<JsonElement>? List(string name, int fewest, int most)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            return Wrong<IReadOnlyList<JsonElement>>(name, value, "a list");
        JsonElement[] items = [.. value.EnumerateArray()];
        if (items.Length < fewest || items.Length > most)
            problems.Add(new SpecProblem(PathOf(name), $"has {items.Length} entries; allowed is {fewest} to {most}"));
        return items;
    }

    public void RefuseOthers()
    {
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
                problems.Add(new SpecProblem(PathOf(property.Name),
                    $"is unknown; known here are {string.Join(", ", _known.Order(StringComparer.Ordinal))}"));
        }
    }

    public static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "nothing",
    };

    /// <summary>The value as it may stand in a message: short, and quoted if it is a string.</summary>
    public static string Shown(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return Kind(value);
        string text = value.ValueKind == JsonValueKind.String ? $"'{value.GetString()}'" : value.GetRawText();
        return text.Length <= 64 ? text : text[..61] + "…'";
    }

    private T? Wrong<T>(string name, JsonElement value, string allowed)
        where T : class
    {
        problems.Add(new SpecProblem(PathOf(name), $"is {Kind(value)}; allowed is {allowed}"));
        return null;
    }
}
