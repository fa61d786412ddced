using System.Globalization;
using System.Text;

namespace VipOperator.Sidecar.Logging;

/// <summary>
/// Builds one line as the agent writes its own: JSON, {"time":…,"level":…,"event":…,"name":…,"message":…, then the
/// fields}, or text without the fields. A line that would be longer than <see cref="Longest"/> loses the end of its
/// message or its last fields.
/// </summary>
internal ref struct LogLine
{
    /// <summary>PIPE_BUF: up to here a write to a pipe is whole or not at all.</summary>
    public const int Longest = 4096;

    private const int ReservedForEnd = 3; // of the message, of the object, of the line

    private readonly Span<byte> _buffer;
    private readonly bool _asText;
    private int _length;

    /// <param name="name">The event's name, which stays the same as its id does.</param>
    public LogLine(
        Span<byte> buffer, DateTimeOffset time, int eventId, string name, LogLevel level,
        string message, bool asText = false)
    {
        _buffer = buffer;
        _asText = asText;
        Level = level;
        string head = asText
            ? string.Create(CultureInfo.InvariantCulture,
                $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Name(level),-11} sidecar: ")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"time\":\"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\",\"level\":\"{Name(level)}\",\"event\":{eventId},\"name\":\"{name}\",\"message\":\"");
        Append(head);
        if (asText)
        {
            AppendText(message);
            return;
        }

        AppendEscaped(message);
        _buffer[_length++] = (byte)'"';
    }

    public LogLevel Level { get; }

    public void Field(string name, string value)
    {
        if (_asText)
            return;
        int before = _length;
        if (!(Begin(name) && Append("\"") && AppendEscaped(value) && Append("\"")))
            _length = before;
    }

    public void Field(string name, long value)
    {
        if (_asText)
            return;
        int before = _length;
        if (!(Begin(name) && AppendNumber(value)))
            _length = before;
    }

    public ReadOnlySpan<byte> End()
    {
        ReadOnlySpan<byte> end = _asText ? "\n"u8 : "}\n"u8;
        end.CopyTo(_buffer[_length..]);
        return _buffer[..(_length + end.Length)];
    }

    private bool Begin(string name) => Append(",\"") && Append(name) && Append("\":");

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
    };

    private bool AppendNumber(long value)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out int written, provider: CultureInfo.InvariantCulture);
        return Append(digits[..written]);
    }

    // What a peer or a person wrote must not begin a line of its own.
    private void AppendText(ReadOnlySpan<char> text)
    {
        Span<char> encoded = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune printed = Rune.IsControl(rune) ? new Rune(' ') : rune;
            if (!Append(encoded[..printed.EncodeToUtf16(encoded)]))
                return;
        }
    }

    private bool AppendEscaped(scoped ReadOnlySpan<char> text)
    {
        Span<char> escape = stackalloc char[6];
        foreach (Rune rune in text.EnumerateRunes())
        {
            Span<char> encoded = escape;
            if (rune.Value is '"' or '\\')
            {
                escape[0] = '\\';
                escape[1] = (char)rune.Value;
                encoded = escape[..2];
            }
            else if (rune.Value < ' ')
            {
                escape.TryWrite(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}", out _);
            }
            else
            {
                encoded = escape[..rune.EncodeToUtf16(escape)];
            }

            if (!Append(encoded))
                return false;
        }

        return true;
    }

    private bool Append(scoped ReadOnlySpan<char> text)
    {
        if (Encoding.UTF8.GetByteCount(text) > _buffer.Length - ReservedForEnd - _length)
            return false;
        _length += Encoding.UTF8.GetBytes(text, _buffer[_length..]);
        return true;
    }
}
