namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>A resource or kind with its group: <c>pods</c>, <c>leases.coordination.k8s.io</c>.</summary>
internal readonly record struct ResourceName(string Group, string Name)
{
    public override string ToString() => Group.Length == 0 ? Name : $"{Name}.{Group}";
}
