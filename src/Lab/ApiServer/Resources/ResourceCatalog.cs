using System.Collections.Immutable;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>
/// All resource types served now. Safe for concurrent use: definitions replace their types as a whole.
/// </summary>
internal sealed class ResourceCatalog
{
    private readonly Lock _gate = new();
    private volatile State _state = new(
        ImmutableDictionary<string, IReadOnlyList<ResourceType>>.Empty, BuiltinResources.All);

    /// <summary>Every served type: built-ins first, then those of definitions by name.</summary>
    public IReadOnlyList<ResourceType> All => _state.All;

    /// <summary>Changes whenever the catalog does; documents made from it may be kept under this key.</summary>
    public object Edition => _state;

    public ResourceType? Find(string group, string version, string plural) =>
        _state.All.FirstOrDefault(t => t.Group == group && t.Version == version && t.Plural == plural);

    public ResourceType? FindKind(string apiVersion, string kind) =>
        _state.All.FirstOrDefault(t => t.ApiVersion == apiVersion && t.Kind == kind && !t.IsVirtual);

    public bool HasVersion(string group, string version) =>
        _state.All.Any(t => t.Group == group && t.Version == version);

    /// <summary>Serves the types of a definition; none: the definition is gone.</summary>
    public void Replace(string definition, IReadOnlyList<ResourceType> types)
    {
        lock (_gate)
        {
            ImmutableDictionary<string, IReadOnlyList<ResourceType>> custom = types.Count == 0
                ? _state.Custom.Remove(definition)
                : _state.Custom.SetItem(definition, types);
            ResourceType[] all =
                [.. BuiltinResources.All, .. custom.OrderBy(c => c.Key, StringComparer.Ordinal)
                    .SelectMany(c => c.Value)];
            _state = new State(custom, all);
        }
    }

    private sealed record State(
        ImmutableDictionary<string, IReadOnlyList<ResourceType>> Custom, IReadOnlyList<ResourceType> All);
}
