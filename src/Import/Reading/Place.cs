using System.Globalization;

namespace VipOperator.Import;

/// <summary>A line of an input file, counted from 1.</summary>
public readonly record struct Place(string File, int Line)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}
