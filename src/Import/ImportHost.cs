namespace VipOperator.Import;

/// <summary>A host that runs keepalived, and will be a node.</summary>
/// <param name="Path">Its keepalived.conf.</param>
/// <param name="Node">
/// The name of the Kubernetes node; null: what router_id says, if that can be one, else the file's name.
/// </param>
/// <param name="ConfigurationId">
/// What conditions ("@id …") are compared with; null: the node's name up to its first dot.
/// </param>
public sealed record ImportHost(string Path, string? Node = null, string? ConfigurationId = null);
