using System.Globalization;

namespace VipOperator.Agent.Configuration;

/// <summary>The HTTP statuses that a probe takes for success: "200" or "200-399".</summary>
internal readonly record struct StatusRange(int Lowest, int Highest)
{
    /// <summary>Everything that is no error.</summary>
    public static StatusRange Default => new(200, 399);

    public static bool TryParse(ReadOnlySpan<char> text, out StatusRange range)
    {
        range = default;
        int dash = text.IndexOf('-');
        ReadOnlySpan<char> lowestText = dash < 0 ? text : text[..dash];
        ReadOnlySpan<char> highestText = dash < 0 ? text : text[(dash + 1)..];
        if (!TryParseStatus(lowestText, out int lowest)
            || !TryParseStatus(highestText, out int highest) || lowest > highest)
            return false;
        range = new StatusRange(lowest, highest);
        return true;
    }

    public bool Contains(int status) => status >= Lowest && status <= Highest;

    public override string ToString() => Lowest == Highest
        ? Lowest.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Lowest}-{Highest}");

    private static bool TryParseStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status)
            && text.Length == 3
            && status is >= 100 and <= 599;
}
