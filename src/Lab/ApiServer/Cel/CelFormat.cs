using System.Globalization;
using System.Text;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary><c>'%s is %d'.format([…])</c> with %s %d %f %e %x %X %o %b %%.</summary>
internal static class CelFormat
{
    private const int DefaultPrecision = 6;

    public static string Format(string template, CelList values)
    {
        StringBuilder result = new();
        int next = 0;
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '%')
            {
                result.Append(template[i]);
                continue;
            }
            i++;
            int precision = DefaultPrecision;
            if (i < template.Length && template[i] == '.')
            {
                int start = ++i;
                while (i < template.Length && char.IsAsciiDigit(template[i])) i++;
                precision = int.Parse(
                    template.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture);
            }
            if (i >= template.Length) throw new CelRuntimeException("unexpected end of string");
            if (template[i] == '%')
            {
                result.Append('%');
                continue;
            }
            if (next >= values.Items.Count) throw new CelRuntimeException($"index {next} out of range");
            result.Append(One(template[i], precision, values.Items[next++]));
        }
        return result.ToString();
    }

    private static string One(char verb, int precision, object? value) => (verb, value) switch
    {
        ('s', _) => Show(value),
        ('d', long or ulong) => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        ('f', double d) => d.ToString("F" + precision, CultureInfo.InvariantCulture),
        ('e', double d) => d.ToString(
            (precision == 0 ? "0" : "0." + new string('0', precision)) + "e+00", CultureInfo.InvariantCulture),
        ('x', long n) => n.ToString("x", CultureInfo.InvariantCulture),
        ('X', long n) => n.ToString("X", CultureInfo.InvariantCulture),
        ('x', string s) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s)),
        ('X', string s) => Convert.ToHexString(Encoding.UTF8.GetBytes(s)),
        ('o', long n) => Convert.ToString(n, 8),
        ('b', long n) => Convert.ToString(n, 2),
        ('b', bool b) => b ? "1" : "0",
        _ => throw new CelRuntimeException(
            $"could not parse formatting clause: unrecognized formatting clause \"{verb}\""),
    };

    private static string Show(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        CelDuration span => CelTime.Show(span),
        DateTimeOffset time => CelTime.Show(time),
        CelList list => $"[{string.Join(", ", list.Items.Select(Show))}]",
        CelMap map => "{" + string.Join(", ", map.Entries
            .Select(e => $"{Show(e.Key)}: {Show(e.Value)}").Order(StringComparer.Ordinal)) + "}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
