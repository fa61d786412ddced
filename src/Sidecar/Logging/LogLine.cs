using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace VipOperator.Sidecar.Logging;

/// <summary>
/// Builds one line of JSON as the agent's console logger writes it: {"Timestamp":…,"EventId":…,"LogLevel":…,
/// "Category":…,"Message":…,"State":{…}}. A line that would be longer than <see cref="Longest"/> loses its last fields.
/// </summary>
internal ref struct LogLine
{
    /// <summary>PIPE_BUF: up to here a write to a pipe is whole or not at all.</summary>
    public const int Longest = 4096;

    private const string Category = "VipOperator.Sidecar";
    private const int ReservedForEnd = 4; // }} and the end of the line

    private readonly Span<byte> _buffer;
    private int _length;
    private bool _first = true;

    public LogLine(Span<byte> buffer, DateTimeOffset time, int eventId, LogLevel level, string message)
    {
        _buffer = buffer;
        Append("{\"Timestamp\":\"");
        Utf8Formatter.TryFormat(time.UtcDateTime, _buffer[_length..], out int written, 'O');
        _length += written;
        Append("\",\"EventId\":");
        AppendNumber(eventId);
        Append(",\"LogLevel\":\"");
        Append(level.ToString());
        Append($"\",\"Category\":\"{Category}\",\"Message\":\"");
        AppendEscaped(message);
        Append("\",\"State\":{");
    }

    public void Field(string name, string value)
    {
        int before = _length;
        if (!(Begin(name) && Append("\"") && AppendEscaped(value) && Append("\"")))
            _length = before;
        _first &= _length == before;
    }

    public void Field(string name, long value)
    {
        int before = _length;
        if (!(Begin(name) && AppendNumber(value)))
            _length = before;
        _first &= _length == before;
    }

    public ReadOnlySpan<byte> End()
    {
        "}}\n"u8.CopyTo(_buffer[_length..]);
        return _buffer[..(_length + 3)];
    }

    private bool Begin(string name) => (_first || Append(",")) && Append("\"") && Append(name) && Append("\":");

    private bool AppendNumber(long value)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out int written, provider: CultureInfo.InvariantCulture);
        return Append(digits[..written]);
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
