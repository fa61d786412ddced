using System.Text.Json;
using VipOperator.Api;
using VipOperator.Documents;

namespace VipOperator.Agent.Configuration;

/// <summary>JSON in, a <see cref="MemberEntry"/> out, whatever the JSON.</summary>
internal static class MemberReader
{
    /// <summary>The namespace of documents that name none.</summary>
    public const string DefaultNamespace = "default";

    /// <returns>null when the document has no name, so that nothing could be said about it.</returns>
    public static MemberEntry? Read(JsonElement document, bool strict)
    {
        string? name = MetadataText(document, "name");
        if (name is null)
            return null;
        IReadOnlyList<SpecProblem> problems = MemberSchema.Check(document, strict);
        string memberNamespace = MetadataText(document, "namespace") ?? DefaultNamespace;
        string? uid = MetadataText(document, "uid");
        long? generation = Metadata(document, "generation") is { ValueKind: JsonValueKind.Number } value
            && value.TryGetInt64(out long number) ? number : null;
        VirtualIPMember? member = null;
        if (problems.Count == 0)
        {
            // The spec alone: what stands in the status or elsewhere must not keep a member from running.
            member = new VirtualIPMember
            {
                Metadata = new ObjectMetadata
                { Name = name, Namespace = memberNamespace, Uid = uid, Generation = generation },
                Spec = document.GetProperty("spec").Deserialize(ApiJsonContext.Default.VirtualIPMemberSpec)!,
            };
        }

        return new MemberEntry
        {
            Namespace = memberNamespace,
            Name = name,
            Uid = uid,
            Generation = generation,
            Member = member,
            Problems = [.. problems],
        };
    }

    public static string? MetadataText(JsonElement document, string field) =>
        Metadata(document, field) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement? Metadata(JsonElement document, string field) =>
        document.ValueKind == JsonValueKind.Object
        && document.TryGetProperty("metadata", out JsonElement metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty(field, out JsonElement value)
            ? value
            : null;
}
