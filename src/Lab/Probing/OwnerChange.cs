using System.Globalization;
using System.Net;

namespace VipOperator.Lab.Probing;

/// <summary>An address came to a host or went from it.</summary>
/// <param name="At">As <see cref="Clock.NowMicroseconds"/>.</param>
internal sealed record OwnerChange(long At, string Host, IPAddress Address, bool Held)
{
    private const DateTimeStyles Universal = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads a line of <c>ip -ts -o monitor address</c> that runs with TZ=UTC.</summary>
    /// <remarks><c>[2026-11-23T08:35:36.825632] Deleted 2: eth0    inet 192.168.1.108/32 scope global eth0\
    /// …</c></remarks>
    /// <returns>null: the line says nothing of an address.</returns>
    public static OwnerChange? Parse(string host, string line)
    {
        int stampEnd = line.IndexOf(']', StringComparison.Ordinal);
        if (stampEnd < 0 || line[0] != '[')
            return null;
        string[] words = line[(stampEnd + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int family = Array.FindIndex(words, w => w is "inet" or "inet6");
        if (family < 0 || family + 1 >= words.Length
            || !IPAddress.TryParse(words[family + 1].Split('/')[0], out IPAddress? address)
            || !DateTime.TryParse(
                line.AsSpan(1, stampEnd - 1), CultureInfo.InvariantCulture, Universal, out DateTime at))
            return null;
        return new OwnerChange(
            (at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, host, address, words[0] != "Deleted");
    }
}
