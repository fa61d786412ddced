namespace VipOperator.Import;

internal enum DirectiveKind
{
    /// <summary>A keyword where it may stand.</summary>
    Known,

    /// <summary>A word that is no keyword there.</summary>
    Unknown,

    /// <summary>A line of a block that holds no keywords: an address, a peer, a name.</summary>
    Value,

    /// <summary>A line of a block that is not looked into, or that keepalived skips.</summary>
    Skipped,
}

/// <summary>A line that says something.</summary>
internal sealed record Directive(Place Place, DirectiveKind Kind, IReadOnlyList<string> Words, string Text)
{
    private readonly List<Directive> _children = [];

    /// <summary>The first word.</summary>
    public string Name => Words[0];

    /// <summary>The second word; empty: there is none.</summary>
    public string Argument => Words.Count > 1 ? Words[1] : "";

    public IReadOnlyList<Directive> Children => _children;

    public IEnumerable<Directive> Descendants => _children.SelectMany(c => c.Descendants.Prepend(c));

    public void Add(Directive child) => _children.Add(child);

    /// <summary>The keywords of that name in the block.</summary>
    public IEnumerable<Directive> Named(string name) =>
        _children.Where(c => c.Kind == DirectiveKind.Known && c.Name == name);

    // One object, one line, whatever it says.
    public bool Equals(Directive? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
