using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Schemas;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>One served version of one resource: its names, its schema and how it behaves.</summary>
internal sealed record ResourceType
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required string Kind { get; init; }

    public string ListKind => _listKind ?? Kind + "List";

    private readonly string? _listKind;

    public string? ListKindOverride { init => _listKind = value; }

    public bool Namespaced { get; init; } = true;

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The status is written through <c>/status</c> alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Pods alone: POST to <c>/eviction</c> deletes.</summary>
    public bool HasEviction => this is { Group: "", Plural: "pods" };

    /// <summary>Only POST is served, and nothing is stored (access and subject reviews).</summary>
    public bool IsVirtual { get; init; }

    /// <summary>From a CustomResourceDefinition: structural schema, pruning, no strategic merge.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Generation is counted (built-ins without a controller, such as ConfigMap, have none).</summary>
    public bool HasGeneration { get; init; }

    /// <summary>An update without a resourceVersion is taken as "overwrite whatever is there".</summary>
    public bool AllowsUnconditionalUpdate { get; init; }

    /// <summary>PUT to a name that does not exist creates it.</summary>
    public bool AllowsCreateOnUpdate { get; init; }

    public required Schema Schema { get; init; }

    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];

    /// <summary>
    /// Field selectors besides metadata.name and metadata.namespace: selector path → path in the document.
    /// </summary>
    public IReadOnlyDictionary<string, string> SelectableFields { get; init; } = new Dictionary<string, string>();

    /// <summary>Where objects are kept; versions of one resource share it.</summary>
    public string StorageKey => _storageKey ?? Name.ToString();

    private readonly string? _storageKey;

    public string? StorageKeyOverride { init => _storageKey = value; }

    /// <summary>From the stored form to this version's, and back (null: only apiVersion and kind differ).</summary>
    public Func<JsonObject, JsonObject>? FromStorage { get; init; }

    public Func<JsonObject, JsonObject>? ToStorage { get; init; }

    /// <summary>Hand-written checks of built-ins: new object, old object or null, errors.</summary>
    public Action<JsonObject, JsonObject?, ICollection<Errors.FieldError>>? Validate { get; init; }

    /// <summary>Hand-written preparation of built-ins: defaults that a schema cannot express.</summary>
    public Action<JsonObject, JsonObject?>? Prepare { get; init; }

    public ResourceName Name => new(Group, Plural);

    public ResourceName KindName => new(Group, Kind);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
