using System.Text.RegularExpressions;

namespace VipOperator.Import;

/// <summary>
/// Reads the part of the shell's language that check scripts are written in: commands, pipelines, and, or, if. Loops,
/// functions and the like it leaves alone.
/// </summary>
internal sealed partial class ShellParser
{
    /// <summary>Nobody nests a check deeper.</summary>
    private const int DeepestNesting = 40;

    private static readonly string[] Unknown =
        ["for", "while", "until", "case", "function", "select", "do", "done", "esac", "in", "time", "coproc"];

    private static readonly string[] Ends = ["then", "elif", "else", "fi", "}"];

    private readonly string _text;
    private readonly IReadOnlyList<ShellToken> _tokens;
    private int _at;
    private int _depth;

    private ShellParser(string text, IReadOnlyList<ShellToken> tokens) => (_text, _tokens) = (text, tokens);

    /// <returns>null: it is written in more of the language than is known here.</returns>
    public static ShellNode? Read(string text)
    {
        if (ShellLexer.Read(text) is not { } tokens)
            return null;
        ShellParser parser = new(text, tokens);
        ShellNode? node = parser.ReadSequence();
        return parser._at == tokens.Count ? node : null;
    }

    private ShellToken? Peek => _at < _tokens.Count ? _tokens[_at] : null;

    private bool Sees(ShellTokenKind kind, string text) => Peek?.Is(kind, text) == true;

    private bool SeesWord(params string[] words) =>
        Peek is { Kind: ShellTokenKind.Word } token && words.Contains(token.Word.Raw);

    private bool Take(ShellTokenKind kind, string text)
    {
        bool isIt = Sees(kind, text);
        _at += isIt ? 1 : 0;
        return isIt;
    }

    private void SkipEnds()
    {
        while (Peek is { Kind: ShellTokenKind.End })
            _at++;
    }

    private string TextSince(int first) =>
        _at > first ? _text[_tokens[first].Start.._tokens[_at - 1].End] : "";

    private ShellNode.Sequence? ReadSequence()
    {
        if (++_depth > DeepestNesting)
            return null;
        int first = _at;
        List<ShellNode> nodes = [];
        SkipEnds();
        while (Peek is not null && !SeesWord(Ends) && !Sees(ShellTokenKind.Operator, ")"))
        {
            if (ReadChain() is not { } node)
                return null;
            nodes.Add(node);
            if (Peek is { Kind: not ShellTokenKind.End } && !Sees(ShellTokenKind.Operator, ")"))
                return null;
            SkipEnds();
        }

        _depth--;
        return new ShellNode.Sequence(TextSince(first), nodes);
    }

    private ShellNode? ReadChain()
    {
        int first = _at;
        if (ReadPipeline() is not { } begin)
            return null;
        List<(bool, ShellNode)> rest = [];
        while (Sees(ShellTokenKind.Operator, "&&") || Sees(ShellTokenKind.Operator, "||"))
        {
            bool isAnd = Peek!.Word.Raw == "&&";
            _at++;
            SkipEnds();
            if (ReadPipeline() is not { } next)
                return null;
            rest.Add((isAnd, next));
        }

        return rest.Count == 0 ? begin : new ShellNode.Chain(TextSince(first), begin, rest);
    }

    private ShellNode.Pipeline? ReadPipeline()
    {
        int first = _at;
        bool isNegated = false;
        while (SeesWord("!"))
        {
            isNegated = !isNegated;
            _at++;
        }

        List<ShellNode> parts = [];
        do
        {
            if (parts.Count > 0)
                SkipEnds();
            if (ReadCommand() is not { } part)
                return null;
            parts.Add(part);
        }
        while (Take(ShellTokenKind.Operator, "|"));
        return new ShellNode.Pipeline(TextSince(first), isNegated, parts);
    }

    private ShellNode? ReadCommand()
    {
        if (SeesWord(Unknown))
            return null;
        if (SeesWord("if"))
            return ReadBranch();
        int first = _at;
        if (Take(ShellTokenKind.Operator, "("))
        {
            ShellNode? body = ReadSequence();
            return body is not null && Take(ShellTokenKind.Operator, ")") && TakeRedirects() is not null
                ? new ShellNode.Group(TextSince(first), IsSubshell: true, body)
                : null;
        }

        if (SeesWord("{"))
        {
            _at++;
            ShellNode? body = ReadSequence();
            if (body is null || !SeesWord("}"))
                return null;
            _at++;
            return TakeRedirects() is not null
                ? new ShellNode.Group(TextSince(first), IsSubshell: false, body)
                : null;
        }

        return ReadSimple();
    }

    // At "if" or "elif".
    private ShellNode.Branch? ReadBranch()
    {
        int first = _at++;
        if (ReadSequence() is not { Nodes.Count: > 0 } condition || !SeesWord("then"))
            return null;
        _at++;
        if (ReadSequence() is not { Nodes.Count: > 0 } then)
            return null;
        ShellNode? otherwise = null;
        if (SeesWord("elif"))
        {
            _depth++;
            otherwise = ReadBranch();
            return otherwise is null ? null : new ShellNode.Branch(TextSince(first), condition, then, otherwise);
        }

        if (SeesWord("else"))
        {
            _at++;
            otherwise = ReadSequence();
            if (otherwise is null)
                return null;
        }

        if (!SeesWord("fi"))
            return null;
        _at++;
        return TakeRedirects() is not null
            ? new ShellNode.Branch(TextSince(first), condition, then, otherwise)
            : null;
    }

    private List<ShellRedirect>? TakeRedirects()
    {
        List<ShellRedirect> redirects = [];
        while (Peek is { Kind: ShellTokenKind.Redirect } sign)
        {
            _at++;
            if (Peek is not { Kind: ShellTokenKind.Word } target)
                return null;
            _at++;
            redirects.Add(new ShellRedirect(sign.Word.Raw, target.Word));
        }

        return redirects;
    }

    private ShellNode.Command? ReadSimple()
    {
        int first = _at;
        List<(string, ShellWord)> assignments = [];
        List<ShellWord> words = [];
        List<ShellRedirect> redirects = [];
        while (Peek is { Kind: ShellTokenKind.Word or ShellTokenKind.Redirect } token)
        {
            if (token.Kind == ShellTokenKind.Redirect)
            {
                if (TakeRedirects() is not { } more)
                    return null;
                redirects.AddRange(more);
                continue;
            }

            _at++;
            if (words.Count == 0 && Assignment().Match(token.Word.Raw) is { Success: true } assignment)
                assignments.Add((assignment.Groups[1].Value, ValueOf(token.Word, assignment.Length)));
            else
                words.Add(token.Word);
        }

        // NAME ( ) begins a function.
        bool isEmpty = words.Count + assignments.Count + redirects.Count == 0;
        return isEmpty || Sees(ShellTokenKind.Operator, "(")
            ? null
            : new ShellNode.Command(TextSince(first), assignments, words, redirects);
    }

    // The name and the '=' are text, and stand in the first part.
    private static ShellWord ValueOf(ShellWord word, int length)
    {
        string rest = word.Parts[0].Text[length..];
        IEnumerable<ShellPart> begin = rest.Length > 0 ? [new ShellPart(ShellPartKind.Text, rest)] : [];
        return new ShellWord(word.Raw[length..], [.. begin, .. word.Parts.Skip(1)]);
    }

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]*)=")]
    private static partial Regex Assignment();
}
