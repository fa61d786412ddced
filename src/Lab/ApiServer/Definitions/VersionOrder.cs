using System.Globalization;
using System.Text.RegularExpressions;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>
/// The order in which discovery lists versions: v10, v2, v1, v2beta1, v1beta1, v1alpha1, then all others.
/// </summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        int order = Rank(y).CompareTo(Rank(x));
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string? version)
    {
        Match match = Pattern().Match(version ?? "");
        if (!match.Success) return (0, 0, 0);
        int stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, Number(match.Groups[1]), Number(match.Groups[3]));
    }

    private static int Number(Group group) =>
        int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;

    [GeneratedRegex(@"^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?\z")]
    private static partial Regex Pattern();
}
