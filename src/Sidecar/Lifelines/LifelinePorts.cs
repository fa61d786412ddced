namespace VipOperator.Sidecar.Lifelines;

/// <summary>The TCP ports of lifelines: several, as a node may run several sidecars.</summary>
/// <param name="First">1 to 65532.</param>
internal readonly record struct LifelinePorts(int First)
{
    public const int Count = 4;

    public const int HighestFirst = ushort.MaxValue - Count + 1;

    public int this[int index] => First + index;
}
