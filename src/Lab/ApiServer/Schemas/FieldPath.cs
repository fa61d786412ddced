namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>Paths as error messages have them: <c>spec.ports[0].name</c>, <c>metadata.labels[key]</c>.</summary>
internal static class FieldPath
{
    public static string Field(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";

    public static string Index(string parent, int index) => $"{parent}[{index}]";

    public static string Key(string parent, string key) => $"{parent}[{key}]";
}
