using System.Globalization;

namespace VipOperator.Import;

/// <summary>Numbers as keepalived reads them.</summary>
internal static class Numbers
{
    /// <summary>A whole number, with or without a sign.</summary>
    public static bool TryRead(string text, long least, long most, out long value) =>
        long.TryParse(text.TrimStart(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && value >= least && value <= most;

    /// <summary>
    /// The number that a word begins with: "3s" is 3. There keepalived warns, and takes it.
    /// </summary>
    public static bool TryReadBeginning(string text, long least, long most, out long value)
    {
        string trimmed = text.TrimStart();
        int end = trimmed.StartsWith('-') ? 1 : 0;
        while (end < trimmed.Length && char.IsAsciiDigit(trimmed[end]))
            end++;
        return TryRead(trimmed[..end], least, most, out value);
    }

    /// <summary>Seconds with a fraction.</summary>
    public static bool TryReadSeconds(string text, out decimal seconds) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds);
}
