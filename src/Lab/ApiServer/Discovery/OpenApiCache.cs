using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>Keeps the OpenAPI documents, which are costly to make, until a definition changes.</summary>
internal sealed class OpenApiCache(ResourceCatalog catalog)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]?> _documents = new(StringComparer.Ordinal);
    private object? _edition;

    public byte[] Version2 => Get("v2", types => JsonText.Bytes(OpenApiDocuments.Version2(types)))!;

    public byte[] Version2Protobuf =>
        Get("v2-protobuf", types => OpenApiProtobuf.Encode(OpenApiDocuments.Version2(types)))!;

    public byte[] Version3Index => Get("v3", types => JsonText.Bytes(OpenApiDocuments.Version3Index(types)))!;

    /// <returns>Null: there is no such group and version.</returns>
    public byte[]? Version3(string prefix) => Get($"v3/{prefix}", types =>
        OpenApiDocuments.Version3(types, prefix) is { } document ? JsonText.Bytes(document) : null);

    private byte[]? Get(string key, Func<IReadOnlyList<ResourceType>, byte[]?> make)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_edition, catalog.Edition))
            {
                _documents.Clear();
                _edition = catalog.Edition;
            }
            if (!_documents.TryGetValue(key, out byte[]? document)) _documents[key] = document = make(catalog.All);
            return document;
        }
    }
}
