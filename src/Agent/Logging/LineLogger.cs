using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace VipOperator.Agent.Logging;

/// <summary>Takes one line with its end; the bytes are valid during the call only.</summary>
internal delegate void LineSink(ReadOnlySpan<byte> line);

/// <summary>
/// Writes one line per entry. The whole of the logging that the agent needs, without the threads, options and
/// configuration of a logging framework; thread-safe. The sidecar writes lines of the same form to the same stream.
/// </summary>
internal sealed class LineLogger(LineSink sink, LogFormat format, LogLevel lowest, TimeProvider time) : ILogger
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(512);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        string message = formatter(state, exception);
        lock (_gate)
        {
            _buffer.ResetWrittenCount();
            if (format == LogFormat.Json)
                WriteJson(logLevel, eventId, state as IReadOnlyList<KeyValuePair<string, object?>>, exception, message);
            else
                WriteText(logLevel, exception, message);
            _buffer.Write("\n"u8);
            sink(_buffer.WrittenSpan);
        }
    }

    private void WriteJson(
        LogLevel level, EventId id, IReadOnlyList<KeyValuePair<string, object?>>? fields,
        Exception? exception, string message)
    {
        using Utf8JsonWriter json = new(_buffer);
        json.WriteStartObject();
        json.WriteString("time"u8, time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteString("level"u8, Name(level));
        json.WriteNumber("event"u8, id.Id);
        json.WriteString("name"u8, id.Name);
        json.WriteString("message"u8, message);
        foreach (KeyValuePair<string, object?> field in fields ?? [])
        {
            if (field.Key == "{OriginalFormat}")
                continue;
            if (field.Value is int or long or ulong)
                json.WriteNumber(field.Key, Convert.ToDecimal(field.Value, CultureInfo.InvariantCulture));
            else
                json.WriteString(field.Key, Convert.ToString(field.Value, CultureInfo.InvariantCulture));
        }

        if (exception is not null)
            json.WriteString("exception"u8, exception.ToString());
        json.WriteEndObject();
    }

    private void WriteText(LogLevel level, Exception? exception, string message)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(level),-11} agent: {message}");
        _buffer.Write(Encoding.UTF8.GetBytes(text.ReplaceLineEndings(" ")));
        if (exception is not null)
            _buffer.Write(Encoding.UTF8.GetBytes("\n" + exception));
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        LogLevel.None => "none",
    };
}
