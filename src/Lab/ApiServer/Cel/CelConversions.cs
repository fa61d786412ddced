using System.Globalization;
using System.Text;
using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Conversions between types, and sizes.</summary>
internal static class CelConversions
{
    public static readonly CelOverload[] All =
    [
        Function("int", [T.Int], T.Int, a => a[0]),
        Function("int", [T.Uint], T.Int, a => (ulong)a[0]! <= long.MaxValue ? (long)(ulong)a[0]! : throw Overflow()),
        Function("int", [T.Double], T.Int, a => Math.Abs((double)a[0]!) < 9.2233720368547758e18
            ? (long)(double)a[0]! : throw Overflow()),
        Function("int", [T.String], T.Int, a => long.TryParse(
            (string)a[0]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long v)
            ? v : throw new CelRuntimeException("type conversion error from 'string' to 'int'")),
        Function("int", [T.Timestamp], T.Int, a => ((DateTimeOffset)a[0]!).ToUnixTimeSeconds()),
        Function("int", [T.Duration], T.Int, a => (long)((CelDuration)a[0]!).Nanoseconds),
        Function("uint", [T.Uint], T.Uint, a => a[0]),
        Function("uint", [T.Int], T.Uint, a => (long)a[0]! >= 0
            ? (ulong)(long)a[0]!
            : throw new CelRuntimeException("unsigned integer overflow")),
        Function("uint", [T.Double], T.Uint, a => (double)a[0]! is >= 0 and < 1.8446744073709552e19
            ? (ulong)(double)a[0]! : throw new CelRuntimeException("unsigned integer overflow")),
        Function("uint", [T.String], T.Uint, a => ulong.TryParse(
            (string)a[0]!, NumberStyles.None, CultureInfo.InvariantCulture, out ulong v)
            ? v : throw new CelRuntimeException("type conversion error from 'string' to 'uint'")),
        Function("double", [T.Double], T.Double, a => a[0]),
        Function("double", [T.Int], T.Double, a => (double)(long)a[0]!),
        Function("double", [T.Uint], T.Double, a => (double)(ulong)a[0]!),
        Function("double", [T.String], T.Double, a => double.TryParse(
            (string)a[0]!, NumberStyles.Float, CultureInfo.InvariantCulture, out double v)
            ? v : throw new CelRuntimeException("type conversion error from 'string' to 'double'")),
        Function("string", [T.String], T.String, a => a[0]),
        Function("string", [T.Bool], T.String, a => (bool)a[0]! ? "true" : "false"),
        Function("string", [T.Int], T.String, a => ((long)a[0]!).ToString(CultureInfo.InvariantCulture)),
        Function("string", [T.Uint], T.String, a => ((ulong)a[0]!).ToString(CultureInfo.InvariantCulture)),
        Function("string", [T.Double], T.String, a => ((double)a[0]!).ToString("R", CultureInfo.InvariantCulture)),
        Function("string", [T.Bytes], T.String, a => Encoding.UTF8.GetString((byte[])a[0]!)),
        Function("string", [T.Timestamp], T.String, a => CelTime.Show((DateTimeOffset)a[0]!)),
        Function("string", [T.Duration], T.String, a => CelTime.Show((CelDuration)a[0]!)),
        Function("string", [T.Ip], T.String, a => ((CelIp)a[0]!).Address.ToString()),
        Function("string", [T.Cidr], T.String, a => CelNetwork.Show((CelCidr)a[0]!)),
        Function("bytes", [T.Bytes], T.Bytes, a => a[0]),
        Function("bytes", [T.String], T.Bytes, a => Encoding.UTF8.GetBytes((string)a[0]!)),
        Function("bool", [T.Bool], T.Bool, a => a[0]),
        Function("bool", [T.String], T.Bool, a => (string)a[0]! switch
        {
            "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
            "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
            _ => throw new CelRuntimeException("type conversion error from 'string' to 'bool'"),
        }),
        Function("dyn", [T.Dyn], T.Dyn, a => a[0]),
        Function("type", [T.Dyn], T.Type, a => CelValues.TypeName(a[0])),
        .. Sizes(member: false),
        .. Sizes(member: true),
    ];

    private static CelOverload[] Sizes(bool member) =>
    [
        new("size", member, [T.String], T.Int, a => (long)((string)a[0]!).EnumerateRunes().Count()),
        new("size", member, [T.Bytes], T.Int, a => (long)((byte[])a[0]!).Length),
        new("size", member, [T.ListOfT], T.Int, a => (long)((CelList)a[0]!).Items.Count),
        new("size", member, [T.AnyMap], T.Int, a => (long)((CelMap)a[0]!).Entries.Count),
    ];

    private static CelRuntimeException Overflow() => new("integer overflow");
}
