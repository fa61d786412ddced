using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VipOperator.Lab.ApiServer.Cel;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>
/// A node of a structural schema. Custom resources are validated by all of it; built-ins use the shape (names, types,
/// list kinds, merge keys, defaults) and hand-written checks. Read-only once built; built-in schemas may be cyclic.
/// </summary>
internal sealed class Schema
{
    /// <summary>object, array, string, integer, number, boolean, or empty (anything).</summary>
    public string Type { get; set; } = "";

    public string Format { get; set; } = "";

    public string Title { get; set; } = "";

    public string Description { get; set; } = "";

    public Dictionary<string, Schema> Properties { get; init; } = new(StringComparer.Ordinal);

    public Schema? Items { get; set; }

    public Schema? AdditionalProperties { get; set; }

    public List<string> Required { get; init; } = [];

    public bool Nullable { get; set; }

    public bool HasDefault { get; set; }

    public JsonNode? Default { get; set; }

    public JsonArray? Enum { get; set; }

    public double? Minimum { get; set; }

    public double? Maximum { get; set; }

    public bool ExclusiveMinimum { get; set; }

    public bool ExclusiveMaximum { get; set; }

    public double? MultipleOf { get; set; }

    public long? MinLength { get; set; }

    public long? MaxLength { get; set; }

    public string? PatternText { get; set; }

    public Regex? Pattern { get; set; }

    public long? MinItems { get; set; }

    public long? MaxItems { get; set; }

    public bool UniqueItems { get; set; }

    public long? MinProperties { get; set; }

    public long? MaxProperties { get; set; }

    public List<Schema> AllOf { get; } = [];

    public List<Schema> AnyOf { get; } = [];

    public List<Schema> OneOf { get; } = [];

    public Schema? Not { get; set; }

    public bool PreserveUnknownFields { get; set; }

    public bool IntOrString { get; set; }

    public bool EmbeddedResource { get; set; }

    public ListKind ListKind { get; set; } = ListKind.Atomic;

    public IReadOnlyList<string> ListMapKeys { get; set; } = [];

    public bool AtomicMap { get; set; }

    public IReadOnlyList<ValidationRule> Rules { get; set; } = [];

    /// <summary>Strategic merge: the key by which items of two lists are matched; empty for lists of scalars.</summary>
    public string? PatchMergeKey { get; set; }

    /// <summary>Strategic merge: only the keys in the patch are kept (unions such as volume sources).</summary>
    public bool PatchRetainKeys { get; set; }

    /// <summary>Number of the protobuf field, behind those of the inlined messages that hold it.</summary>
    public int[]? ProtobufPath { get; set; }

    /// <summary>Full OpenAPI name of a built-in type, e.g. <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
    public string? ReferenceName { get; set; }

    /// <summary>The document this node was read from (custom resources), as OpenAPI publishes it.</summary>
    public JsonObject? Source { get; set; }

    public bool IsMap => AdditionalProperties is not null;

    /// <summary>The schema of a field of an object, or null if the schema does not know the field.</summary>
    public Schema? Field(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;

    /// <summary>Keeps fields that it does not know, and their content.</summary>
    public bool KeepsUnknown => PreserveUnknownFields || (Type.Length == 0 && !IntOrString && Properties.Count == 0);
}

/// <summary>How a list is merged and who owns its items.</summary>
internal enum ListKind
{
    Atomic,
    Set,
    Map,
}
