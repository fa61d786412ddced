namespace VipOperator.Import;

internal enum ShellTokenKind
{
    Word,

    /// <summary>; or the end of a line.</summary>
    End,

    /// <summary>&amp;&amp; || | ( )</summary>
    Operator,

    /// <summary>A redirection, whose target is the next word.</summary>
    Redirect,
}

/// <summary>A word or a sign of a shell script.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Word">The word; of a sign, the sign.</param>
/// <param name="Start">Where it begins in the script.</param>
/// <param name="End">Behind its last character.</param>
internal sealed record ShellToken(ShellTokenKind Kind, ShellWord Word, int Start, int End)
{
    public bool Is(ShellTokenKind kind, string text) => Kind == kind && Word.Raw == text;
}
