using System.Text;

namespace VipOperator.Import;

/// <summary>
/// Takes a shell script apart (POSIX.1-2017, Shell Command Language, 2.3). It gives up rather than guess.
/// </summary>
internal sealed class ShellLexer
{
    private readonly string _text;
    private readonly List<ShellToken> _tokens = [];
    private int _at;

    private ShellLexer(string text) => _text = text;

    /// <returns>null: it holds what is not known here, such as a here-document.</returns>
    public static IReadOnlyList<ShellToken>? Read(string text)
    {
        ShellLexer lexer = new(text);
        while (lexer._at < text.Length)
        {
            if (!lexer.Next())
                return null;
        }

        return lexer._tokens;
    }

    private char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private bool Next()
    {
        char c = Peek();
        if (c is ' ' or '\t' or '\r')
        {
            _at++;
            return true;
        }

        if (c == '\\' && Peek(1) == '\n')
        {
            _at += 2;
            return true;
        }

        if (c == '#')
        {
            int end = _text.IndexOf('\n', _at);
            _at = end < 0 ? _text.Length : end;
            return true;
        }

        int start = _at;
        if (c is ';' or '\n')
        {
            _at++;
            return c != ';' || Peek() != ';' ? Add(ShellTokenKind.End, start) : false;
        }

        if (c is '(' or ')')
        {
            _at++;
            return Add(ShellTokenKind.Operator, start);
        }

        if (c == '|' || (c == '&' && Peek(1) != '>'))
        {
            _at += Peek(1) == c ? 2 : 1;
            // A command in the background, and |&, are rare in checks.
            return _text[start.._at] != "&" && Peek() != '&' && Add(ShellTokenKind.Operator, start);
        }

        return TryRedirect(out bool isKnown) ? isKnown : ReadWord();
    }

    // 2>&1 >>FILE <FILE <>FILE &>FILE, with a descriptor's number before.
    private bool TryRedirect(out bool isKnown)
    {
        isKnown = true;
        int start = _at;
        int at = _at;
        while (at < _text.Length && char.IsAsciiDigit(_text[at]))
            at++;
        if (at < _text.Length && _text[at] == '&' && at == start)
            at++;
        if (at >= _text.Length || _text[at] is not ('<' or '>'))
            return false;
        char direction = _text[at++];
        if (direction == '<' && at < _text.Length && _text[at] == '<')
        {
            isKnown = false;
            return true;
        }

        if (at < _text.Length && _text[at] is '>' or '&' or '|')
            at++;
        // <(…) and >(…)
        isKnown = at < _text.Length && _text[at] != '(';
        _at = at;
        return !isKnown || Add(ShellTokenKind.Redirect, start);
    }

    private bool ReadWord()
    {
        int start = _at;
        List<ShellPart> parts = [];
        StringBuilder text = new();
        bool isQuoted = false;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (!isQuoted && (char.IsWhiteSpace(c) || c is ';' or '|' or '&' or '(' or ')' or '<' or '>'))
                break;
            if (c == '"')
            {
                isQuoted = !isQuoted;
                _at++;
            }
            else if (c == '\'' && !isQuoted)
            {
                int end = _text.IndexOf('\'', _at + 1);
                if (end < 0)
                    return false;
                text.Append(_text, _at + 1, end - _at - 1);
                _at = end + 1;
            }
            else if (c == '\\')
            {
                if (_at + 1 == _text.Length)
                    return false;
                if (isQuoted && _text[_at + 1] is not ('"' or '\\' or '$' or '`' or '\n'))
                    text.Append(c);
                if (_text[_at + 1] != '\n')
                    text.Append(_text[_at + 1]);
                _at += 2;
            }
            else if (c is '$' or '`')
            {
                if (!ReadExpansion(parts, text))
                    return false;
            }
            else
            {
                text.Append(c);
                _at++;
            }
        }

        if (isQuoted)
            return false;
        Flush(parts, text);
        _tokens.Add(new ShellToken(
            ShellTokenKind.Word, new ShellWord(_text[start.._at], parts), start, _at));
        return true;
    }

    private bool ReadExpansion(List<ShellPart> parts, StringBuilder text)
    {
        int start = _at + 1;
        if (_text[_at] == '`')
        {
            int end = _text.IndexOf('`', start);
            return end >= 0 && Take(ShellPartKind.Command, start, end, end + 1);
        }

        char next = Peek(1);
        if (next == '(')
        {
            int end = Closing(start + 1);
            return Peek(2) != '(' && end >= 0 && Take(ShellPartKind.Command, start + 1, end, end + 1);
        }

        if (next == '{')
        {
            int end = _text.IndexOf('}', start);
            return end >= 0 && Take(ShellPartKind.Variable, start + 1, end, end + 1);
        }

        if (next is '?' or '#' or '@' or '*' or '$' or '!' || char.IsAsciiDigit(next))
            return Take(ShellPartKind.Variable, start, start + 1, start + 1);
        int last = start;
        while (last < _text.Length && (char.IsAsciiLetterOrDigit(_text[last]) || _text[last] == '_'))
            last++;
        if (last > start)
            return Take(ShellPartKind.Variable, start, last, last);
        text.Append('$');
        _at++;
        return true;

        bool Take(ShellPartKind kind, int from, int to, int goOn)
        {
            Flush(parts, text);
            parts.Add(new ShellPart(kind, _text[from..to]));
            _at = goOn;
            return true;
        }
    }

    // The ')' that belongs to a "$(" before; -1: there is none.
    private int Closing(int at)
    {
        char quote = '\0';
        for (int depth = 1; at < _text.Length; at++)
        {
            char c = _text[at];
            if (c == '\\' && quote != '\'')
                at++;
            else if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'')
                quote = c;
            else if (c == '(')
                depth++;
            else if (c == ')' && --depth == 0)
                return at;
        }

        return -1;
    }

    private static void Flush(List<ShellPart> parts, StringBuilder text)
    {
        if (text.Length > 0)
            parts.Add(new ShellPart(ShellPartKind.Text, text.ToString()));
        text.Clear();
    }

    private bool Add(ShellTokenKind kind, int start)
    {
        string text = _text[start.._at];
        _tokens.Add(new ShellToken(kind, new ShellWord(text, [new ShellPart(ShellPartKind.Text, text)]), start, _at));
        return true;
    }
}
