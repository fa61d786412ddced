namespace VipOperator.Import;

/// <summary>A vrrp_sync_group: instances that change their state together.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Block">The line that it begins in.</param>
/// <param name="Instances">Names of those instances, with the lines they stand in.</param>
/// <param name="Tracks">The checks that each of them follows for the group, whatever their weight.</param>
internal sealed record SyncGroup(
    string Name,
    Directive Block,
    IReadOnlyList<(string Name, Directive From)> Instances,
    IReadOnlyList<Track> Tracks)
{
    /// <summary>
    /// Without sync_group_tracking_weight keepalived follows no check that has a weight in a group of several.
    /// </summary>
    public bool IgnoresWeights => Instances.Count > 1 && !Block.Named("sync_group_tracking_weight").Any();
}
