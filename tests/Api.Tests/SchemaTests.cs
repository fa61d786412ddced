using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace VipOperator.Api.Tests;

/// <summary>The CRDs and the types say the same: properties, kinds, enums, defaults, what is required.</summary>
public sealed class SchemaTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string, Type> Kinds => new()
    {
        { "vipoperator.io_virtualips.yaml", typeof(VirtualIP) },
        { "vipoperator.io_virtualipmembers.yaml", typeof(VirtualIPMember) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schema_AndType_HaveTheSameProperties(string file, Type type)
    {
        List<string> differences = [];
        Compare(SchemaOf(file), type, "", differences);

        Assert.Empty(differences);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Names_AreThoseOfTheType(string file, Type type)
    {
        JsonNode spec = Load(file)["spec"]!;

        Assert.Equal(GroupVersion.Group, spec["group"]!.GetValue<string>());
        Assert.Equal(Constant(type, nameof(VirtualIP.KindName)), spec["names"]!["kind"]!.GetValue<string>());
        Assert.Equal(Constant(type, nameof(VirtualIP.Plural)), spec["names"]!["plural"]!.GetValue<string>());
        Assert.Equal(GroupVersion.Version, spec["versions"]![0]!["name"]!.GetValue<string>());
        Assert.NotNull(spec["versions"]![0]!["subresources"]!["status"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryField_HasADescriptionAndABound(string file, Type type)
    {
        Assert.NotNull(type);
        List<string> without = [];
        Walk(SchemaOf(file), "", (path, schema) =>
        {
            string kind = schema["type"]?.GetValue<string>() ?? "";
            bool isName = path is ".apiVersion" or ".kind" or ".metadata";
            if (schema["description"] is null && !isName
                && !path.EndsWith("[]", StringComparison.Ordinal) && path.Length > 0)
                without.Add($"{path}: description");

            // What people write is bounded, or the rules could cost the API server without limit.
            if (path.StartsWith(".spec.", StringComparison.Ordinal))
            {
                bool bounded = kind switch
                {
                    "string" => schema["maxLength"] is not null || schema["enum"] is not null,
                    "array" => schema["maxItems"] is not null && schema["x-kubernetes-list-type"] is not null,
                    "integer" =>
                        schema["enum"] is not null || (schema["minimum"] is not null && schema["maximum"] is not null),
                    "object" => schema["additionalProperties"] is null || schema["maxProperties"] is not null,
                    _ => true,
                };
                if (!bounded)
                    without.Add($"{path}: bound");
            }
        });

        Assert.Empty(without);
    }

    [Fact]
    public void Durations_AreCheckedByTheirOwnPattern()
    {
        List<string> others = [];
        foreach (string file in Kinds.Select(k => k.Data.Item1))
        {
            Walk(SchemaOf(file), "", (path, schema) =>
            {
                if (schema["pattern"]?.GetValue<string>() is { } pattern && pattern.Contains("(h|m|s|ms)")
                    && pattern != GatewayDuration.Pattern)
                    others.Add(path);
                foreach (JsonNode? rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
                {
                    string text = rule!["rule"]!.GetValue<string>();
                    if (text.Contains("(h|m|s|ms)") && !text.Contains($"matches('{GatewayDuration.Pattern}')"))
                        others.Add(path);
                }
            });
        }

        Assert.Empty(others);
    }

    [Theory]
    [InlineData("tutorial.yaml")]
    [InlineData("dual-stack.yaml")]
    [InlineData("sub-second.yaml")]
    [InlineData("unicast.yaml")]
    [InlineData("preferences.yaml")]
    public void Example_IsReadByTheTypes(string file)
    {
        JsonNode[] virtualIPs = [.. LoadAll(Path.Combine("examples", file))
            .Where(d => d["kind"]!.GetValue<string>() == VirtualIP.KindName)];

        Assert.NotEmpty(virtualIPs);
        Assert.All(virtualIPs, v => Assert.NotEmpty(v.Deserialize(ApiJsonContext.Default.VirtualIP)!.Spec.Addresses));
    }

    private static void Compare(JsonNode schema, Type type, string path, List<string> differences)
    {
        JsonObject properties = schema["properties"]!.AsObject();
        string[] required = [.. (schema["required"]?.AsArray() ?? []).Select(r => r!.GetValue<string>())];
        PropertyInfo[] members = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.Name != "EqualityContract")];
        string[] names = [.. members.Select(NameOf)];
        differences.AddRange(
            properties.Select(p => p.Key).Except(names).Select(n => $"{path}.{n}: only in the schema"));
        differences.AddRange(names.Except(properties.Select(p => p.Key)).Select(n => $"{path}.{n}: only in the type"));

        // Made without its required members; its defaults are there.
        object fresh = type.GetConstructor(Type.EmptyTypes)!.Invoke([]);
        foreach (PropertyInfo member in members.Where(m => properties.ContainsKey(NameOf(m))))
        {
            JsonNode property = properties[NameOf(member)]!;
            string at = $"{path}.{NameOf(member)}";
            bool isRequired =
                member.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
            if (isRequired != required.Contains(NameOf(member)))
                differences.Add($"{at}: required in {(isRequired ? "the type" : "the schema")} alone");
            if (path.Length == 0 && NameOf(member) is "metadata")
                continue;
            CompareDefault(property, member, fresh, at, differences);
            CompareKind(property, Bare(member.PropertyType), at, differences);
        }
    }

    private static void CompareKind(JsonNode schema, Type type, string at, List<string> differences)
    {
        string kind = schema["type"]!.GetValue<string>();
        string? format = schema["format"]?.GetValue<string>();
        switch (kind)
        {
            case "string" when type.IsEnum:
                string[] allowed = [.. schema["enum"]!.AsArray().Select(v => v!.GetValue<string>())];
                if (!allowed.Order().SequenceEqual(Enum.GetNames(type).Order()))
                    differences.Add(
                        $"{at}: [{string.Join(", ", allowed)}] against [{string.Join(", ", Enum.GetNames(type))}]");
                break;
            case "string" when type == typeof(string) || type == typeof(GatewayDuration):
                break;
            case "string" when type == typeof(DateTimeOffset) && format == "date-time":
                break;
            case "integer" when type == typeof(int) && format == "int32":
                break;
            case "integer" when type == typeof(long) && format == "int64":
                break;
            case "boolean" when type == typeof(bool):
                break;
            case "array" when typeof(IEnumerable).IsAssignableFrom(type):
                Type item = type.GetGenericArguments()[0];
                CompareKind(schema["items"]!, Bare(item), at + "[]", differences);
                break;
            case "object" when schema["additionalProperties"] is not null
                && type == typeof(IReadOnlyDictionary<string, string>):
                break;
            case "object" when schema["properties"] is not null:
                Compare(schema, type, at, differences);
                break;
            default:
                differences.Add($"{at}: {kind} {format} against {type.Name}");
                break;
        }
    }

    // A default is what the property of a new object has, unless the property may be left out for good.
    private static void CompareDefault(
        JsonNode schema, PropertyInfo member, object owner, string at, List<string> differences)
    {
        bool optional = Nullability.Create(member).WriteState == NullabilityState.Nullable
            || member.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
        JsonNode? inSchema = schema["default"];
        bool isName = at is ".apiVersion" or ".kind";
        if (optional || isName)
        {
            if (inSchema is not null)
                differences.Add($"{at}: default in the schema alone");
            return;
        }

        if (inSchema is null)
        {
            differences.Add($"{at}: default in the type alone");
            return;
        }

        // Of an object's default only what stands there is compared; the rest comes from its properties' own defaults.
        JsonNode? inType = JsonSerializer.SerializeToNode(
            member.GetValue(owner), member.PropertyType, ApiJsonContext.Default.Options);
        if (!Contains(inType, inSchema))
            differences.Add($"{at}: default {inSchema.ToJsonString()} against {inType?.ToJsonString()}");
    }

    private static bool Contains(JsonNode? whole, JsonNode? part) => part is JsonObject fields
        ? whole is JsonObject && fields.All(f => Contains(whole[f.Key], f.Value))
        : JsonNode.DeepEquals(whole, part);

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static string NameOf(PropertyInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    private static string? Constant(Type type, string name) => (string?)type.GetField(name)!.GetRawConstantValue();

    private static void Walk(JsonNode schema, string path, Action<string, JsonNode> visit)
    {
        visit(path, schema);
        foreach ((string name, JsonNode? property) in schema["properties"]?.AsObject() ?? [])
            Walk(property!, $"{path}.{name}", visit);
        if (schema["items"] is { } items)
            Walk(items, path + "[]", visit);
    }

    private static JsonNode SchemaOf(string file) =>
        Load(file)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;

    private static JsonNode Load(string file) => LoadAll(Path.Combine("crds", file)).Single();

    private static IEnumerable<JsonNode> LoadAll(string path)
    {
        YamlStream stream = new();
        using StreamReader reader = new(Path.Combine(AppContext.BaseDirectory, path));
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Convert(d.RootNode)!)];
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(
            map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Convert(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } text => text.Value,
        YamlScalarNode { Value: "true" } => true,
        YamlScalarNode { Value: "false" } => false,
        YamlScalarNode { Value: "null" or "" or "~" } => null,
        YamlScalarNode plain when int.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out int number) => number,
        YamlScalarNode plain => plain.Value,
        _ => throw new InvalidOperationException(node.NodeType.ToString()),
    };
}
