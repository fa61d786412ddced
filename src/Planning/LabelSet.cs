using System.Diagnostics.CodeAnalysis;

namespace VipOperator.Planning;

/// <summary>Labels of a Kubernetes object; two sets are equal when they hold the same pairs.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly Dictionary<string, string> _labels;

    public LabelSet(IEnumerable<KeyValuePair<string, string>> labels) =>
        _labels = new Dictionary<string, string>(labels, StringComparer.Ordinal);

    public LabelSet(params (string Key, string Value)[] labels) =>
        _labels = labels.ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal);

    /// <summary>In no order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs => _labels;

    /// <param name="value">null: without this label.</param>
    public LabelSet With(string key, string? value)
    {
        IEnumerable<KeyValuePair<string, string>> others = _labels.Where(l => l.Key != key);
        return new LabelSet(value is null ? others : others.Append(new KeyValuePair<string, string>(key, value)));
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _labels.TryGetValue(key, out value);

    public bool Equals(LabelSet? other) =>
        other is not null && _labels.Count == other._labels.Count
        && _labels.All(pair => other._labels.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() =>
        _labels.Aggregate(_labels.Count, (hash, pair) => hash ^ HashCode.Combine(pair.Key, pair.Value));
}
