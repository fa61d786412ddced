using System.Reflection;

namespace VipOperator.Operator;

/// <summary>Which version this is.</summary>
internal static class OperatorVersion
{
    public static string Text { get; } = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0";
}
