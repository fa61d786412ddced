namespace VipOperator.Planning;

public enum SelectorOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>One requirement on a label. Values are empty with Exists and DoesNotExist.</summary>
public sealed record SelectorRequirement(string Key, SelectorOperator Operator, ValueList<string> Values)
{
    /// <summary>As Kubernetes has it: NotIn holds also where the label is absent.</summary>
    public bool Holds(LabelSet labels)
    {
        bool present = labels.TryGetValue(Key, out string? value);
        return Operator switch
        {
            SelectorOperator.In => present && Values.Contains(value),
            SelectorOperator.NotIn => !present || !Values.Contains(value),
            SelectorOperator.Exists => present,
            SelectorOperator.DoesNotExist => !present,
        };
    }
}

/// <summary>A label selector: all requirements must hold. matchLabels entries are In with one value.</summary>
public sealed record Selector(ValueList<SelectorRequirement> Requirements)
{
    /// <summary>
    /// An empty selector matches nothing here, although Kubernetes lets it match everything: nobody means that.
    /// </summary>
    public bool Matches(LabelSet labels) =>
        Requirements.Count > 0 && Requirements.All(r => r.Holds(labels));
}
