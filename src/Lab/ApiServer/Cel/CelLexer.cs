using System.Globalization;
using System.Text;

namespace VipOperator.Lab.ApiServer.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Literal,
    Symbol,
}

/// <param name="Text">The identifier or symbol.</param>
/// <param name="Value">The literal's value.</param>
internal readonly record struct CelToken(CelTokenKind Kind, int Position, string Text, object? Value);

/// <summary>Cuts CEL text into tokens.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(",
            ")", "[", "]", "{", "}"];

    private int _position;

    /// <exception cref="CelCompilationException">Something that is no token.</exception>
    public List<CelToken> Tokens()
    {
        List<CelToken> tokens = [];
        while (true)
        {
            SkipSpaceAndComments();
            if (_position >= text.Length)
            {
                tokens.Add(new CelToken(CelTokenKind.End, text.Length, "", null));
                return tokens;
            }
            tokens.Add(Next());
        }
    }

    private CelToken Next()
    {
        int start = _position;
        char c = text[start];
        if (StringStart() is { } prefix) return new CelToken(CelTokenKind.Literal, start, "", ReadString(prefix));
        if (char.IsAsciiDigit(c) || (c == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
            return new CelToken(CelTokenKind.Literal, start, "", ReadNumber());
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] == '_'))
                _position++;
            string word = text[start.._position];
            return word switch
            {
                "true" => new CelToken(CelTokenKind.Literal, start, "", true),
                "false" => new CelToken(CelTokenKind.Literal, start, "", false),
                "null" => new CelToken(CelTokenKind.Literal, start, "", null),
                _ => new CelToken(CelTokenKind.Identifier, start, word, null),
            };
        }
        string symbol = Array.Find(Symbols, s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0)
            ?? throw new CelCompilationException(text, start, $"Syntax error: token recognition error at: '{c}'");
        _position += symbol.Length;
        return new CelToken(CelTokenKind.Symbol, start, symbol, null);
    }

    private void SkipSpaceAndComments()
    {
        while (_position < text.Length)
        {
            if (char.IsWhiteSpace(text[_position])) _position++;
            else if (string.CompareOrdinal(text, _position, "//", 0, 2) == 0)
                while (_position < text.Length && text[_position] != '\n')
                    _position++;
            else return;
        }
    }

    private object ReadNumber()
    {
        int start = _position;
        bool isHex = string.Compare(text, start, "0x", 0, 2, StringComparison.OrdinalIgnoreCase) == 0;
        bool isDouble = false;
        if (isHex)
        {
            _position += 2;
            while (_position < text.Length && char.IsAsciiHexDigit(text[_position])) _position++;
        }
        else
        {
            Digits();
            if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
            {
                isDouble = true;
                _position++;
                Digits();
            }
            if (Peek(0) is 'e' or 'E')
            {
                isDouble = true;
                _position++;
                if (Peek(0) is '+' or '-') _position++;
                Digits();
            }
        }
        string digits = text[start.._position];
        if (isDouble) return double.Parse(digits, CultureInfo.InvariantCulture);
        bool isUnsigned = Peek(0) is 'u' or 'U';
        if (isUnsigned) _position++;
        NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        bool isRead = ulong.TryParse(
            isHex ? digits[2..] : digits, style, CultureInfo.InvariantCulture, out ulong value);
        // 9223372036854775808 is legal behind a minus sign; the parser puts the two together.
        if (!isRead || (!isUnsigned && value > (ulong)long.MaxValue + 1))
            throw new CelCompilationException(text, start, isUnsigned ? "invalid uint literal" : "invalid int literal");
        return isUnsigned ? value : value > long.MaxValue ? long.MinValue : (object)(long)value;
    }

    private void Digits()
    {
        while (char.IsAsciiDigit(Peek(0))) _position++;
    }

    private char Peek(int ahead) => _position + ahead < text.Length ? text[_position + ahead] : '\0';

    /// <summary>The prefix letters of a string literal (r, b, br, …), or null when none starts here.</summary>
    private string? StringStart()
    {
        for (int length = 0; length <= 2; length++)
        {
            char c = Peek(length);
            if (c is '"' or '\'') return text.Substring(_position, length).ToLowerInvariant();
            if (c is not ('r' or 'R' or 'b' or 'B')) return null;
        }
        return null;
    }

    private object ReadString(string prefix)
    {
        int start = _position;
        _position += prefix.Length;
        char quote = text[_position];
        string triple = new(quote, 3);
        string end = string.CompareOrdinal(text, _position, triple, 0, 3) == 0 ? triple : quote.ToString();
        _position += end.Length;
        bool isRaw = prefix.Contains('r', StringComparison.Ordinal), isBytes = prefix.Contains(
            'b', StringComparison.Ordinal);
        List<byte> bytes = [];
        StringBuilder characters = new();
        while (true)
        {
            if (_position >= text.Length || (end.Length == 1 && text[_position] == '\n'))
                throw new CelCompilationException(
                    text, start, $"Syntax error: token recognition error at: '{text[start..]}'");
            if (string.CompareOrdinal(text, _position, end, 0, end.Length) == 0) break;
            if (text[_position] == '\\' && !isRaw) ReadEscape(characters, bytes, isBytes);
            else if (isBytes) bytes.AddRange(Encoding.UTF8.GetBytes(text[_position++].ToString()));
            else characters.Append(text[_position++]);
        }
        _position += end.Length;
        return isBytes ? bytes.ToArray() : characters.ToString();
    }

    private void ReadEscape(StringBuilder characters, List<byte> bytes, bool isBytes)
    {
        int start = _position;
        char kind = Peek(1);
        _position += 2;
        int value = kind switch
        {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            '\\' or '\'' or '"' or '`' or '?' => kind,
            'x' or 'X' => Hex(2, start),
            'u' => Hex(4, start),
            'U' => Hex(8, start),
            >= '0' and <= '3' => Octal(kind, start),
            _ => throw new CelCompilationException(text, start, $"Syntax error: invalid escape sequence \\{kind}"),
        };
        if (isBytes && kind is 'x' or 'X' or (>= '0' and <= '3')) bytes.Add((byte)value);
        else if (isBytes) bytes.AddRange(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(value)));
        else characters.Append(char.ConvertFromUtf32(value));
    }

    private int Hex(int digits, int start)
    {
        if (_position + digits > text.Length
            || !int.TryParse(text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out int value))
        {
            throw new CelCompilationException(text, start, "Syntax error: invalid escape sequence");
        }
        _position += digits;
        return value;
    }

    private int Octal(char first, int start)
    {
        if (Peek(0) is < '0' or > '7' || Peek(1) is < '0' or > '7')
            throw new CelCompilationException(text, start, "Syntax error: invalid escape sequence");
        int value = ((first - '0') * 64) + ((Peek(0) - '0') * 8) + (Peek(1) - '0');
        _position += 2;
        return value;
    }
}
