using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Storage;

/// <summary>One object as stored. The document is never changed once it is here: writers store a new one.</summary>
/// <param name="Key"><c>namespace/name</c>, or <c>name</c> for cluster-scoped resources.</param>
internal sealed record StoredObject(string Key, JsonObject Document, long Revision);

internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>
/// One write. <see cref="Object"/> is the new object; of a deletion the last state, with the deletion's revision.
/// </summary>
internal sealed record Change(ChangeKind Kind, long Revision, StoredObject Object, StoredObject? Previous);
