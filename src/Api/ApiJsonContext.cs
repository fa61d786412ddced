using System.Text.Json;
using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>
/// Source-generated JSON for the API objects: camelCase, nulls left out, unknown fields tolerated (a newer API server
/// or operator may know more than we do).
/// </summary>
/// <remarks>
/// A property with a default has a setter, not <c>init</c>: generated code assigns every init-only property, those that
/// are absent from the JSON too, and so would lose the default.
/// </remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    Converters = [typeof(KubernetesTimeConverter)])]
[JsonSerializable(typeof(VirtualIP))]
[JsonSerializable(typeof(VirtualIPList))]
[JsonSerializable(typeof(VirtualIPStatus))]
[JsonSerializable(typeof(VirtualIPMember))]
[JsonSerializable(typeof(VirtualIPMemberList))]
[JsonSerializable(typeof(VirtualIPMemberStatus))]
[JsonSerializable(typeof(ProbeSpec))]
[JsonSerializable(typeof(ApiStatus))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
