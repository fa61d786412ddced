using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>
/// A set of paths into a document. Steps are written as in <c>fieldsV1</c>: <c>f:name</c> a field,
/// <c>k:{"name":"a"}</c> an item by its keys, <c>v:"a"</c> an item of a set by its value.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedSet<string> _members = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    public bool IsEmpty => _members.Count == 0 && _children.Count == 0;

    public static string FieldStep(string name) => "f:" + name;

    /// <summary>The step itself is in the set (not merely something below it).</summary>
    public bool Has(string step) => _members.Contains(step);

    public FieldSet? Below(string step) => _children.GetValueOrDefault(step);

    public bool HasAnyAtOrBelow(string step) => _members.Contains(step) || _children.ContainsKey(step);

    public void Add(string step) => _members.Add(step);

    /// <summary>Puts <paramref name="below"/> under a step, unless there is nothing in it.</summary>
    public void Graft(string step, FieldSet below)
    {
        if (below.IsEmpty) return;
        _children[step] = _children.TryGetValue(step, out FieldSet? present) ? present.Union(below) : below;
    }

    public FieldSet Union(FieldSet other)
    {
        FieldSet result = new();
        result._members.UnionWith(_members);
        result._members.UnionWith(other._members);
        foreach (string step in _children.Keys.Union(other._children.Keys))
        {
            (FieldSet? a, FieldSet? b) = (Below(step), other.Below(step));
            result._children[step] = a is null ? b! : b is null ? a : a.Union(b);
        }
        return result;
    }

    /// <summary>Without the very paths of <paramref name="other"/>; what lies below them stays.</summary>
    public FieldSet Difference(FieldSet other)
    {
        FieldSet result = new();
        result._members.UnionWith(_members.Except(other._members));
        foreach ((string step, FieldSet below) in _children)
            result.Graft(step, other.Below(step) is { } removed ? below.Difference(removed) : below);
        return result;
    }

    /// <summary>Without the paths of <paramref name="other"/> and everything below them.</summary>
    public FieldSet DifferenceWithBelow(FieldSet other)
    {
        FieldSet result = new();
        result._members.UnionWith(_members.Except(other._members));
        foreach ((string step, FieldSet below) in _children)
        {
            if (other.Has(step)) continue;
            result.Graft(step, other.Below(step) is { } removed ? below.DifferenceWithBelow(removed) : below);
        }
        return result;
    }

    public FieldSet Intersection(FieldSet other)
    {
        FieldSet result = new();
        result._members.UnionWith(_members.Intersect(other._members));
        foreach ((string step, FieldSet below) in _children)
            if (other.Below(step) is { } common)
                result.Graft(step, below.Intersection(common));
        return result;
    }

    /// <summary>All paths, printed as in conflict messages: <c>.spec.ports[name="a"].port</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        foreach (string step in _members) yield return prefix + Print(step);
        foreach ((string step, FieldSet below) in _children)
            foreach (string path in below.Paths(prefix + Print(step)))
                yield return path;
    }

    public bool SetEquals(FieldSet other) =>
        _members.SetEquals(other._members)
        && _children.Count == other._children.Count
        && _children.All(c => other.Below(c.Key) is { } theirs && c.Value.SetEquals(theirs));

    public JsonObject ToFieldsV1()
    {
        JsonObject result = [];
        foreach (string step in _members.Union(_children.Keys).Order(StringComparer.Ordinal))
        {
            JsonObject below = [];
            if (_children.TryGetValue(step, out FieldSet? child))
            {
                if (_members.Contains(step)) below["."] = new JsonObject();
                foreach ((string key, JsonNode? value) in child.ToFieldsV1()) below[key] = value?.DeepClone();
            }
            result[step] = below;
        }
        return result;
    }

    public static FieldSet FromFieldsV1(JsonObject fields)
    {
        FieldSet result = new();
        foreach ((string step, JsonNode? value) in fields)
        {
            if (step == ".") continue;
            JsonObject below = value as JsonObject ?? [];
            string key = Normalize(step);
            if (below.Count == 0 || below.ContainsKey(".")) result._members.Add(key);
            result.Graft(key, FromFieldsV1(below));
        }
        return result;
    }

    private static string Normalize(string step)
    {
        if (step.Length < 2 || step[0] is not ('k' or 'v')) return step;
        try
        {
            return step[..2] + JsonText.Canonical(JsonDocumentReader.Read(step[2..]));
        }
        catch (MalformedDocumentException)
        {
            return step;
        }
    }

    /// <summary>One step as conflict messages print it: <c>.name</c>, <c>[name="a"]</c>, <c>[="x"]</c>.</summary>
    public static string Print(string step)
    {
        string body = step[2..];
        switch (step[0])
        {
            case 'v':
                return $"[={body}]";
            case 'i':
                return $"[{body}]";
            case 'k' when JsonDocumentReader.Read(body) is JsonObject keys:
                StringBuilder text = new("[");
                text.AppendJoin(',', keys.Select(k => $"{k.Key}={JsonText.Of(k.Value)}"));
                return text.Append(']').ToString();
            default:
                return "." + body;
        }
    }
}
