namespace VipOperator.Charts.Tests;

/// <summary>
/// Real helm programs, where there are any: "helm" on the PATH, and what VIPOPERATOR_HELM names, divided by colons.
/// </summary>
internal static class Helm
{
    private const string Variable = "VIPOPERATOR_HELM";

    public static IReadOnlyList<string> Programs { get; } =
    [
        .. (Environment.GetEnvironmentVariable(Variable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        .. Tool.Find("helm") is { } found ? new[] { found } : [],
    ];

    public static void SkipWithout() => Assert.SkipWhen(
        Programs.Count == 0,
        $"There is no helm on the PATH, and none is named by {Variable}: the charts are judged by "
        + $"build/vip-chart alone.");
}
