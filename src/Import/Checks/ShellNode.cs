namespace VipOperator.Import;

internal enum ShellPartKind
{
    Text,

    /// <summary>$NAME, ${NAME} or $?; the text is the name.</summary>
    Variable,

    /// <summary>$(…) or `…`; the text is what stands within.</summary>
    Command,
}

/// <summary>A piece of a word.</summary>
internal sealed record ShellPart(ShellPartKind Kind, string Text);

/// <summary>A word of a shell command.</summary>
/// <param name="Raw">As it is written, with its quotes.</param>
/// <param name="Parts">What it is made of, without them; none: an empty word.</param>
internal sealed record ShellWord(string Raw, IReadOnlyList<ShellPart> Parts)
{
    /// <summary>null: something has to be put in that only a run would tell.</summary>
    public string? Literal => Parts.All(p => p.Kind == ShellPartKind.Text)
        ? string.Concat(Parts.Select(p => p.Text))
        : null;
}

/// <summary>A redirection.</summary>
/// <param name="Operator">&lt; or &gt;, with what else belongs to it.</param>
/// <param name="Target">A file or the number of a descriptor.</param>
internal sealed record ShellRedirect(string Operator, ShellWord Target);

/// <summary>A piece of a shell script, of the kinds that check scripts are made of.</summary>
/// <param name="Text">As it is written.</param>
internal abstract record ShellNode(string Text)
{
    /// <summary>NAME=VALUE … PROGRAM WORD … &gt;FILE …</summary>
    internal sealed record Command(
        string Text,
        IReadOnlyList<(string Name, ShellWord Value)> Assignments,
        IReadOnlyList<ShellWord> Words,
        IReadOnlyList<ShellRedirect> Redirects) : ShellNode(Text);

    /// <summary>A | B | C; of one part, that part.</summary>
    internal sealed record Pipeline(string Text, bool IsNegated, IReadOnlyList<ShellNode> Parts) : ShellNode(Text);

    /// <summary>A &amp;&amp; B || C, from left to right.</summary>
    internal sealed record Chain(
        string Text, ShellNode First, IReadOnlyList<(bool IsAnd, ShellNode Node)> Rest) : ShellNode(Text);

    /// <summary>A; B, in a line or in several.</summary>
    internal sealed record Sequence(string Text, IReadOnlyList<ShellNode> Nodes) : ShellNode(Text);

    /// <summary>{ A; } or ( A ).</summary>
    internal sealed record Group(string Text, bool IsSubshell, ShellNode Body) : ShellNode(Text);

    /// <summary>if A; then B; else C; fi. What an elif begins is an if within the else.</summary>
    internal sealed record Branch(string Text, ShellNode Condition, ShellNode Then, ShellNode? Else) : ShellNode(Text);
}
