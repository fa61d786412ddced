namespace VipOperator.Operator.Cluster;

/// <summary>A watch has brought nothing, not even a bookmark, for longer than a live server is silent.</summary>
internal sealed class SilentWatchException(TimeSpan patience)
    : Exception($"Nothing was heard for {patience.TotalSeconds:0} s.");
