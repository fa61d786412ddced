namespace VipOperator.Api;

/// <summary>The API group and version that all types here belong to.</summary>
public static class GroupVersion
{
    public const string Group = "vipoperator.io";
    public const string Version = "v1alpha1";

    /// <summary>The value of <c>apiVersion</c>.</summary>
    public const string ApiVersion = Group + "/" + Version;
}
