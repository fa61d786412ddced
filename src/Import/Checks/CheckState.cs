namespace VipOperator.Import;

/// <summary>What a variable of a check script holds, or a word of a test.</summary>
internal abstract record CheckValue
{
    internal sealed record Text(string Content) : CheckValue;

    /// <summary>What commands print.</summary>
    internal sealed record Printed(IReadOnlyList<CheckCommand> Commands) : CheckValue;

    /// <summary>0 where it ended well.</summary>
    internal sealed record Status(Func<bool> EndedWell) : CheckValue;
}

/// <summary>What a run of a check script knows at a moment, and what it says of a test.</summary>
/// <param name="questions">What is known of commands.</param>
/// <param name="answer">As <see cref="CheckRun"/> has it.</param>
internal sealed class CheckState(Questions questions, Func<Question?, string, bool> answer)
{
    public Dictionary<string, CheckValue> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the last command ended well; asked only where that plays a part.</summary>
    public Func<bool> Last { get; set; } = () => true;

    /// <summary>[ …, [[ … or test …</summary>
    /// <returns>null: nobody knows.</returns>
    public Func<bool>? Test(ShellNode.Command node)
    {
        List<ShellWord> words = [.. node.Words.Skip(1)];
        if (words is [.., { Raw: "]" or "]]" }])
            words.RemoveAt(words.Count - 1);
        bool isNegated = words is [{ Raw: "!" }, ..];
        if (isNegated)
            words.RemoveAt(0);
        return TestOf(words, node.Text) is not { } test ? null : isNegated ? () => !test() : test;
    }

    private Func<bool>? TestOf(List<ShellWord> words, string text)
    {
        if (words is [{ Raw: "-f" or "-e" or "-s" or "-r" }, var path])
            return Resolve(path) is CheckValue.Text { Content: var file } && questions.OfFile(file) is { } question
                ? () => answer(question, text)
                : null;
        if (words is [{ Raw: "-z" }, var empty])
            return HasText(empty, text) is { } has ? () => !has() : null;
        if (words is [{ Raw: "-n" }, var full])
            return HasText(full, text);
        if (words is [var alone])
            return HasText(alone, text);
        if (words is not [var left, { Raw: var sign }, var right])
            return null;
        return Resolve(right) is CheckValue.Text expected ? Compare(Resolve(left), sign, expected.Content, text)
            : Resolve(left) is CheckValue.Text first ? Compare(Resolve(right), Mirrored(sign), first.Content, text)
            : null;
    }

    private Func<bool>? HasText(ShellWord word, string text) => Resolve(word) switch
    {
        CheckValue.Text { Content: var content } => () => content.Length > 0,
        CheckValue.Printed printed when questions.OfPrinted(printed.Commands) is { } question =>
            () => answer(question, text),
        _ => null,
    };

    private static string Mirrored(string sign) => sign switch
    {
        "-lt" => "-gt",
        "-gt" => "-lt",
        "-le" => "-ge",
        "-ge" => "-le",
        _ => sign,
    };

    private Func<bool>? Compare(CheckValue? value, string sign, string expected, string text)
    {
        bool isEqual = sign is "=" or "==" or "-eq";
        bool isOther = sign is "!=" or "-ne";
        if (value is CheckValue.Status status)
            return !(isEqual || isOther) || expected != "0" ? null
                : isEqual ? status.EndedWell
                : () => !status.EndedWell();
        if (value is not CheckValue.Printed printed)
            return null;
        if (questions.OfCount(printed.Commands) is { } count)
        {
            return (sign, expected) switch
            {
                ("=" or "==" or "-eq" or "-le", "0") or ("-lt", "1") => () => !answer(count, text),
                ("!=" or "-ne" or "-gt", "0") or ("-ge", "1") => () => answer(count, text),
                _ => null,
            };
        }

        if (expected.Length == 0 && questions.OfPrinted(printed.Commands) is { } list)
            return isEqual ? () => !answer(list, text) : isOther ? () => answer(list, text) : null;
        return !(isEqual || isOther) || Questions.OfPrintedStatus(printed.Commands, expected) is not { } fetch ? null
            : isEqual ? () => answer(fetch, text)
            : () => !answer(fetch, text);
    }

    /// <returns>null: only a run would tell.</returns>
    public CheckValue? Resolve(ShellWord word)
    {
        if (word.Parts is [{ Kind: ShellPartKind.Variable, Text: "?" }])
            return new CheckValue.Status(Last);
        if (word.Parts is [{ Kind: ShellPartKind.Variable, Text: var name }])
            return Variables.GetValueOrDefault(name);
        if (word.Parts is [{ Kind: ShellPartKind.Command, Text: var inner }])
            return ShellParser.Read(inner) is ShellNode.Sequence { Nodes: [ShellNode.Pipeline { IsNegated: false } p] }
                && Commands(p) is { } commands ? new CheckValue.Printed(commands) : null;
        return Content(word) is { } text ? new CheckValue.Text(text) : null;
    }

    private string? Content(ShellWord word)
    {
        string content = "";
        foreach (ShellPart part in word.Parts)
        {
            if (part.Kind == ShellPartKind.Text)
                content += part.Text;
            else if (part.Kind == ShellPartKind.Variable
                && Variables.GetValueOrDefault(part.Text) is CheckValue.Text text)
                content += text.Content;
            else
                return null;
        }

        return content;
    }

    /// <returns>null: one of them is no mere command.</returns>
    public List<CheckCommand>? Commands(ShellNode.Pipeline pipeline) =>
        pipeline.Parts.All(p => p is ShellNode.Command { Assignments.Count: 0, Words.Count: > 0 })
            ? [.. pipeline.Parts.Cast<ShellNode.Command>().Select(Command)]
            : null;

    /// <summary>A command with what is known put in.</summary>
    public CheckCommand Command(ShellNode.Command node) => new(
        node.Text,
        [.. node.Words.Select(w => Content(w) ?? w.Raw)],
        [.. node.Redirects.Where(r => !r.Operator.EndsWith('&'))
            .Select(r => (r.Operator, File: Content(r.Target) ?? r.Target.Raw))
            .Where(r => r.Operator.Contains('<', StringComparison.Ordinal)
                || r.File.StartsWith("/dev/tcp/", StringComparison.Ordinal))
            .Select(r => r.File)]);
}
