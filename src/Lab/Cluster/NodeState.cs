namespace VipOperator.Lab.Cluster;

/// <summary>A node as other invocations of this program need to know it.</summary>
/// <param name="StateFolder">Where its sidecar keeps its files.</param>
internal sealed record NodeState(
    string Name, string Namespace, string Pod, string StateFolder, IReadOnlyList<ContainerState> Containers);

/// <summary>One container of a <see cref="NodeState"/>.</summary>
/// <param name="Process">null: it does not run.</param>
internal sealed record ContainerState(string Name, int? Process, int Restarts);
